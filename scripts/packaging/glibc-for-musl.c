// What Debian's libstdc++ and libgcc_s want of glibc and musl does not have; so that they serve programs built for musl. Stands in for
// glibc's loader, whose name they ask for. For tests only: a system with musl has libraries of its own.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <locale.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <time.h>

char __libc_single_threaded = 0;

size_t strftime_l(char *, size_t, const char *, const struct tm *, locale_t);
size_t __strftime_l(char *to, size_t room, const char *format, const struct tm *when, locale_t locale) {
  return strftime_l(to, room, format, when, locale);
}

uint32_t arc4random(void) {
  uint32_t number;
  getrandom(&number, sizeof number, 0);
  return number;
}

// libgcc_s of arm64 asks by this name which instructions the processor has.
unsigned long __getauxval(unsigned long kind) { return getauxval(kind); }

// "Not known": the unwinder then asks dl_iterate_phdr, which musl has.
int _dl_find_object(void *address, void *result) { return -1; }

// libgcc_s has these for old programs, under a version that musl passes over; nothing here asks what the processor can.
struct {
  unsigned vendor, type, subtype, features[4];
} __cpu_model;
unsigned __cpu_features2[4];
int __cpu_indicator_init(void) { return 0; }

struct destructor {
  void (*run)(void *);
  void *object;
  struct destructor *next;
};
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static void run_all(void *first) {
  for (struct destructor *next, *each = first; each; each = next) {
    next = each->next;
    each->run(each->object);
    free(each);
  }
}
static void make_key(void) { pthread_key_create(&key, run_all); }
int __cxa_thread_atexit_impl(void (*run)(void *), void *object, void *library) {
  pthread_once(&once, make_key);
  struct destructor *added = malloc(sizeof *added);
  if (!added) return -1;
  *added = (struct destructor){run, object, pthread_getspecific(key)};
  return pthread_setspecific(key, added);
}

// For libfaketime.
const char *gnu_get_libc_version(void) { return "2.36"; }
void *dlvsym(void *library, const char *name, const char *version) { return dlsym(library, name); }
#define CHECKED(name, print, given, handed)                    \
  int name given {                                             \
    va_list values;                                            \
    va_start(values, format);                                  \
    int length = print handed;                                 \
    va_end(values);                                            \
    return length;                                             \
  }
CHECKED(__printf_chk, vprintf, (int flag, const char *format, ...), (format, values))
CHECKED(__fprintf_chk, vfprintf, (FILE *to, int flag, const char *format, ...), (to, format, values))
CHECKED(__snprintf_chk, vsnprintf, (char *to, size_t room, int flag, size_t known, const char *format, ...),
        (to, room, format, values))
