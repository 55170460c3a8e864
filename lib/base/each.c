#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/parallel.h"

struct each {
	atomic_size_t next;
	size_t n;
	void (*fn)(void *arg, size_t i);
	void *arg;
};

static void *
each_work(void *arg)
{
	struct each *e = arg;
	size_t i;

	while ((i = atomic_fetch_add(&e->next, 1)) < e->n)
		e->fn(e->arg, i);
	return NULL;
}

void
parallel_each(unsigned jobs, size_t n, void (*fn)(void *arg, size_t i), void *arg)
{
	struct each e = { .n = n, .fn = fn, .arg = arg };
	unsigned most = jobs > n ? (unsigned)n : jobs, started = 0;
	pthread_t *threads = xmalloc((most + 1) * sizeof *threads);
	sigset_t all, before;

	sigfillset(&all); /* signals belong to the calling thread */
	pthread_sigmask(SIG_BLOCK, &all, &before);
	while (
	    started + 1 < most && pthread_create(&threads[started], NULL, each_work, &e) == 0)
		started++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	each_work(&e);
	for (unsigned i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	free(threads);
}
