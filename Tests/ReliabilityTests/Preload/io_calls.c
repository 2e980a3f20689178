// Loaded before the C library: records the calls that change the files below one directory, or makes one of them fail.
//
//   LOAM_IO_ROOT=DIR          only files below it; lock.mdb and writers/, which no crash needs, left out
//   LOAM_IO_RECORD=FILE       every call that succeeded is appended, and every write to standard output as a mark
//   LOAM_IO_FAIL=N:HOW[:ERRNO]  what the Nth call of a kind does: error (once), sticky (and all later ones), short
//                             (half of a write, then an error), kill (SIGKILL before it)
//   LOAM_IO_KIND=all|write|sync
//
// A record: kind u8, barrier u8, 6 bytes of nothing, offset u64, length u64, path bytes u32, other path bytes u32,
// path, other path, data (of writes). Little-endian.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { WRITE = 1, SYNC, TRUNCATE, RENAME, UNLINK, MAKE_DIRECTORY, CREATE, MARK };

static const char *root;
static size_t root_length;
static int record = -1;
static long fail_at, reached;
static int fail_errno = EIO, sticky, shortened, killing, only_writes, only_syncs;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
  root = getenv("LOAM_IO_ROOT");
  root_length = root ? strlen(root) : 0;
  const char *file = getenv("LOAM_IO_RECORD");
  if (file) record = REAL(open)(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const char *fail = getenv("LOAM_IO_FAIL");
  if (fail) {
    char how[16] = "";
    int number = 0;
    if (sscanf(fail, "%ld:%15[a-z]:%d", &fail_at, how, &number) >= 2) {
      sticky = !strcmp(how, "sticky");
      shortened = !strcmp(how, "short");
      killing = !strcmp(how, "kill");
      if (number) fail_errno = number;
    }
  }
  const char *kind = getenv("LOAM_IO_KIND");
  only_writes = kind && !strcmp(kind, "write");
  only_syncs = kind && !strcmp(kind, "sync");
}

static int is_ours(const char *path) {
  if (!root || strncmp(path, root, root_length)) return 0;
  return !strstr(path, "lock.mdb") && !strstr(path, "/writers/");
}

static int path_of(int descriptor, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  path[length < 0 ? 0 : length] = 0;
  return length > 0 && is_ours(path);
}

static int is_barrier(int descriptor) { return (fcntl(descriptor, F_GETFL) & O_DSYNC) != 0; }

// Whether this call is the one that fails.
static int fails(enum kind kind) {
  if (!fail_at || (only_writes && kind != WRITE) || (only_syncs && kind != SYNC)) return 0;
  long number = __atomic_add_fetch(&reached, 1, __ATOMIC_SEQ_CST);
  if (number != fail_at && !(sticky && number > fail_at)) return 0;
  if (killing) kill(getpid(), SIGKILL);
  static const char said[] = "failed a call\n";
  REAL(write)(STDERR_FILENO, said, sizeof said - 1);
  errno = fail_errno;
  return 1;
}

static void put(const void *bytes, size_t count) {
  while (count > 0) {
    ssize_t written = REAL(write)(record, bytes, count);
    if (written <= 0) abort();
    bytes = (const char *)bytes + written;
    count -= written;
  }
}

static void note(enum kind kind, int barrier, uint64_t offset, uint64_t length, const char *path, const char *other,
                 const struct iovec *data, int count) {
  if (record < 0) return;
  int saved = errno;
  pthread_mutex_lock(&lock);
  uint8_t head[32] = {kind, barrier};
  uint32_t lengths[2] = {strlen(path), other ? strlen(other) : 0};
  memcpy(head + 8, &offset, 8);
  memcpy(head + 16, &length, 8);
  memcpy(head + 24, lengths, 8);
  put(head, sizeof head);
  put(path, lengths[0]);
  if (other) put(other, lengths[1]);
  for (int i = 0; i < count && length > 0; i++) {
    size_t part = data[i].iov_len < length ? data[i].iov_len : length;
    put(data[i].iov_base, part);
    length -= part;
  }
  pthread_mutex_unlock(&lock);
  errno = saved;
}

static ssize_t written(int descriptor, const struct iovec *data, int count, off_t offset) {
  char path[PATH_MAX];
  int ours = path_of(descriptor, path);
  int relative = offset < 0;
  if (ours && fails(WRITE)) {
    if (!shortened) return -1;
    size_t half = data[0].iov_len / 2;
    ssize_t result = relative ? REAL(write)(descriptor, data[0].iov_base, half)
                              : REAL(pwrite)(descriptor, data[0].iov_base, half, offset);
    sticky = 1, shortened = 0;
    return result;
  }
  if (relative) offset = lseek(descriptor, 0, SEEK_CUR);
  ssize_t result = relative ? REAL(writev)(descriptor, data, count) : REAL(pwritev)(descriptor, data, count, offset);
  if (result <= 0) return result;
  if (ours) note(WRITE, is_barrier(descriptor), offset, result, path, NULL, data, count);
  if (descriptor == STDOUT_FILENO) note(MARK, 0, 0, result, "", NULL, data, count);
  return result;
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  struct iovec data = {(void *)bytes, count};
  return written(descriptor, &data, 1, -1);
}
ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  struct iovec data = {(void *)bytes, count};
  return written(descriptor, &data, 1, offset);
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off_t offset) {
  return pwrite(descriptor, bytes, count, offset);
}
ssize_t writev(int descriptor, const struct iovec *data, int count) { return written(descriptor, data, count, -1); }
ssize_t pwritev(int descriptor, const struct iovec *data, int count, off_t offset) {
  return written(descriptor, data, count, offset);
}
ssize_t pwritev64(int descriptor, const struct iovec *data, int count, off_t offset) {
  return written(descriptor, data, count, offset);
}

static int synced(int descriptor, int (*real)(int)) {
  char path[PATH_MAX];
  int ours = path_of(descriptor, path);
  if (ours && fails(SYNC)) return -1;
  int result = real(descriptor);
  if (result == 0 && ours) note(SYNC, 1, 0, 0, path, NULL, NULL, 0);
  return result;
}
int fsync(int descriptor) { return synced(descriptor, REAL(fsync)); }
int fdatasync(int descriptor) { return synced(descriptor, REAL(fdatasync)); }

int ftruncate(int descriptor, off_t length) {
  char path[PATH_MAX];
  int ours = path_of(descriptor, path);
  if (ours && fails(TRUNCATE)) return -1;
  int result = REAL(ftruncate)(descriptor, length);
  if (result == 0 && ours) note(TRUNCATE, 0, 0, length, path, NULL, NULL, 0);
  return result;
}
int ftruncate64(int descriptor, off_t length) { return ftruncate(descriptor, length); }

static int changed(enum kind kind, const char *path, const char *other, int (*call)(const char *, const char *)) {
  int ours = is_ours(path);
  if (ours && fails(kind)) return -1;
  int result = call(path, other);
  if (result == 0 && ours) note(kind, 0, 0, 0, path, other, NULL, 0);
  return result;
}
static int real_rename(const char *path, const char *other) { return REAL(rename)(path, other); }
static int real_unlink(const char *path, const char *other) { return REAL(unlink)(path); }
int rename(const char *path, const char *other) { return changed(RENAME, path, other, real_rename); }
int unlink(const char *path) { return changed(UNLINK, path, NULL, real_unlink); }
int mkdir(const char *path, mode_t mode) {
  int ours = is_ours(path);
  if (ours && fails(MAKE_DIRECTORY)) return -1;
  int result = REAL(mkdir)(path, mode);
  if (result == 0 && ours) note(MAKE_DIRECTORY, 0, 0, 0, path, NULL, NULL, 0);
  return result;
}

static int opened(const char *path, int flags, mode_t mode) {
  int creates = (flags & O_CREAT) && is_ours(path) && access(path, F_OK) != 0;
  if (creates && fails(CREATE)) return -1;
  int descriptor = REAL(open)(path, flags, mode);
  if (descriptor >= 0 && creates) note(CREATE, 0, 0, 0, path, NULL, NULL, 0);
  return descriptor;
}
int open(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = va_arg(arguments, mode_t);
  va_end(arguments);
  return opened(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = va_arg(arguments, mode_t);
  va_end(arguments);
  return opened(path, flags, mode);
}
