/* Sets the wall clock of one process: put before the C library by LD_PRELOAD.
 *
 * The file that MAYFLY_CLOCK names holds by how many seconds the clock is ahead (int64, native). It
 * is mapped, so that a step reaches every process at once, children too. Deadlines given in wall
 * time are turned back before the kernel waits for them; those of clocks that cannot be set
 * (CLOCK_MONOTONIC) pass as they are. A wait that has begun when the clock steps keeps its length.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* Seconds since 1970 from which on a deadline is of the wall clock, not of one that began at boot. */
#define WALL 1000000000

static const int64_t none = 0;
static volatile const int64_t *offset = &none;

__attribute__((constructor)) static void map_offset(void) {
  const char *path = getenv("MAYFLY_CLOCK");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *page = mmap(NULL, sizeof none, PROT_READ, MAP_SHARED, file, 0);
  if (page != MAP_FAILED) offset = page;
  close(file);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int clock_gettime(clockid_t clock, struct timespec *now) {
  long failed = REAL(syscall)(SYS_clock_gettime, clock, now);
  if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += *offset;
  return (int)failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec precise;
  int failed = clock_gettime(CLOCK_REALTIME, &precise);
  *now = (struct timeval){precise.tv_sec, precise.tv_nsec / 1000};
  return failed;
}

time_t time(time_t *seconds) {
  struct timespec precise;
  clock_gettime(CLOCK_REALTIME, &precise);
  if (seconds) *seconds = precise.tv_sec;
  return precise.tv_sec;
}

int timespec_get(struct timespec *now, int base) {
  return base == TIME_UTC && !clock_gettime(CLOCK_REALTIME, now) ? base : 0;
}

/* What the kernel's clock will say when ours says `deadline`. */
static struct timespec kernel_time(const struct timespec *deadline) {
  struct timespec real = *deadline;
  if (real.tv_sec > WALL) real.tv_sec -= *offset;
  return real;
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *lock,
                           const struct timespec *deadline) {
  struct timespec real = kernel_time(deadline);
  return REAL(pthread_cond_timedwait)(condition, lock, &real);
}

int pthread_mutex_timedlock(pthread_mutex_t *lock, const struct timespec *deadline) {
  struct timespec real = kernel_time(deadline);
  return REAL(pthread_mutex_timedlock)(lock, &real);
}

int sem_timedwait(sem_t *semaphore, const struct timespec *deadline) {
  struct timespec real = kernel_time(deadline);
  return REAL(sem_timedwait)(semaphore, &real);
}

/* Abseil, beneath gRPC, waits by the system call itself. */
long syscall(long number, ...) {
  long given[6];
  __builtin_va_list rest;
  __builtin_va_start(rest, number);
  for (int i = 0; i < 6; i++) given[i] = __builtin_va_arg(rest, long);
  __builtin_va_end(rest);
  struct timespec real;
  if (number == SYS_futex && given[3] && (given[1] & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET &&
      (given[1] & FUTEX_CLOCK_REALTIME)) {
    real = kernel_time((const struct timespec *)given[3]);
    given[3] = (long)&real;
  }
  return REAL(syscall)(number, given[0], given[1], given[2], given[3], given[4], given[5]);
}
