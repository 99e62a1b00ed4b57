/* Whether a thread has the interpreter's lock, asked at each tick of its own processor time; for lock_time.py.

   A timer of each thread counts the time that this thread runs, whatever else the machine has to do, and its signal
   finds the thread where it is: in code under the lock, or in native code that has let go of it. */

#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Python's own: who has the lock, and who this thread is. Both read a word, and so may be called anywhere. */
extern void *_PyThreadState_UncheckedGet(void);
extern void *PyGILState_GetThisThreadState(void);

static __thread long ticks, held;

static void count(int number) {
    int kept = errno;
    void *holder = _PyThreadState_UncheckedGet();
    ticks += 1;
    held += holder && holder == PyGILState_GetThisThreadState();
    errno = kept;
}

/* Has this thread counted from now on, at the system's ticks, of which there are 100 to 1000 a second. */
int count_ticks(void) {
    struct sigaction action = {.sa_handler = count, .sa_flags = SA_RESTART};
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGPROF};
    struct itimerspec every = {.it_interval.tv_nsec = 1, .it_value.tv_nsec = 1};
    timer_t timer;
    event._sigev_un._tid = syscall(SYS_gettid);
    return sigaction(SIGPROF, &action, NULL) || timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer) ||
           timer_settime(timer, 0, &every, NULL);
}

/* The ticks of this thread so far, and those at which it had the lock. */
long read_ticks(void) { return ticks; }
long read_held(void) { return held; }
