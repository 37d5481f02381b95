/* Threads, where there are none: none can be made, and nobody need wait. */
typedef int pthread_t, pthread_mutex_t, pthread_cond_t;
#define PTHREAD_MUTEX_INITIALIZER 0
#define PTHREAD_COND_INITIALIZER 0
#define pthread_create(thread, options, work, given) ((void)(work), 1)
#define pthread_join(thread, result) ((void)0)
#define pthread_mutex_lock(mutex) ((void)(mutex))
#define pthread_mutex_unlock(mutex) ((void)(mutex))
#define pthread_cond_wait(bell, mutex) ((void)(bell))
#define pthread_cond_broadcast(bell) ((void)(bell))
