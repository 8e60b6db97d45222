#!/bin/sh
# Installs what a requirements.txt names into /venv, as requirements.lock pins it, every file checked
# by its hash, and moves it to /made, to be copied as a whole: /made has the moment of each folder, too.
# Another build of the same lock makes the same files.
#
#   packages.sh REQUIREMENTS
set -eu

# An older pip takes no hashes from a constraint file, so the locked one comes first.
python -m venv /venv
awk '/^[^ ]/{on=/^pip==/} on' requirements.lock > pip.lock
/venv/bin/pip install -q --no-cache-dir --require-hashes -r pip.lock
/venv/bin/pip install --no-cache-dir --no-compile --require-hashes --only-binary :all: \
  -r "$1" -c requirements.lock
/venv/bin/pip uninstall -y -q pip setuptools

# What nothing runs: the libraries' own tests, sources and headers; parts of Arrow that speak to
# services (each of them optional to it), and second copies of its libraries; ONNX Runtime's library
# for programs in C, which its module for Python holds already, and its tools.
cd /venv/lib/python3*/site-packages
find . -type d \( -path '*/tests' -o -path './onnx/backend/test' -o -path './*/include' \) \
  -prune -exec rm -rf {} +
find . -type f ! -path './jedi/*' \( -name '*.pyx' -o -name '*.pxd' -o -name '*.pxi' -o -name '*.pyi' \
  -o -name '*.c' -o -name '*.cc' -o -name '*.cpp' -o -name '*.h' -o -name '*.a' \) -delete
rm -rf pyarrow/libarrow_*flight.so* pyarrow/_flight.* pyarrow/libarrow_s3.so* pyarrow/_s3fs.* \
  pyarrow/_pyarrow_cpp_tests.* pyarrow/src
find . -path './pyarrow/libarrow_python*' \( -name '*.so' -o -name '*.so.*.*' \) -delete
rm -rf onnxruntime/capi/libonnxruntime.so.* onnxruntime/quantization onnxruntime/tools onnxruntime/transformers

find /venv -name __pycache__ -prune -exec rm -rf {} +
PYTHONHASHSEED=0 python -m compileall -q --invalidation-mode unchecked-hash /venv/lib
mkdir -p /made/usr/lib
mv /venv /made/
# LightGBM looks for GCC's OpenMP by its usual name; scikit-learn brings it along under its own.
for found in /made/venv/lib/python3*/site-packages/scikit_learn.libs/libgomp-*.so*; do
  [ ! -e "$found" ] || ln -s "${found#/made}" /made/usr/lib/libgomp.so.1
done
find /made -exec touch -h -d @315532800 {} +
