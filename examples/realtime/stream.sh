#!/bin/sh
# Predictions as server-sent events: a question on each line of standard input, an event for each.
#
#     echo '{"id": 1, "model": "titanic", "records": [{"age": 29}]}' |
#         MAYFLY_KEY=mfk_... sh stream.sh http://127.0.0.1:8000
exec curl --no-buffer --silent --show-error --fail-with-body \
  --header "Authorization: Bearer $MAYFLY_KEY" \
  --header "Content-Type: application/jsonl" \
  --data-binary @- "$1/events/predictions"
