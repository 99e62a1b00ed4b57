/* For how long threads have the interpreter's lock; for lock_time.py.

   At each tick of a thread's own processor time a signal finds the thread where it is, in code under the lock or in
   native code that has let go of it, and the time since the tick before counts as that. Whatever else the machine has
   to do takes no part. */

#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Python's own: who has the lock, and who this thread is. Both read a word, and so may be called anywhere. */
extern void *_PyThreadState_UncheckedGet(void);
extern void *PyGILState_GetThisThreadState(void);

static __thread double counted_s, held_s;

static double read_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec + 1e-9 * now.tv_nsec;
}

static void count(int number) {
    int kept = errno;
    double now_s = read_clock();
    void *holder = _PyThreadState_UncheckedGet();
    if (holder && holder == PyGILState_GetThisThreadState())
        held_s += now_s - counted_s;
    counted_s = now_s;
    errno = kept;
}

/* Has this thread counted from now on, at the system's ticks, of which there are 100 to 1000 a second. */
int count_ticks(void) {
    struct sigaction action = {.sa_handler = count, .sa_flags = SA_RESTART};
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGPROF};
    struct itimerspec every = {.it_interval.tv_nsec = 1, .it_value.tv_nsec = 1};
    timer_t timer;
    counted_s = read_clock();
    event._sigev_un._tid = syscall(SYS_gettid);
    return sigaction(SIGPROF, &action, NULL) || timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer) ||
           timer_settime(timer, 0, &every, NULL);
}

/* Seconds for which this thread has had the lock since then. */
double read_held(void) { return held_s; }
