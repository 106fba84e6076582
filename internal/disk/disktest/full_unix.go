//go:build unix

package disktest

import (
	"os"
	"os/signal"
	"syscall"
	"testing"
)

// Full lets no file of this process grow beyond so many bytes, as a full disk
// does: what would need more is refused by the system. The function that it
// returns makes room again. The test has to be [Alone].
func Full(t testing.TB, bytes uint64) (free func()) {
	t.Helper()
	if os.Getenv(alone) != t.Name() {
		t.Fatal("the test is not alone in its process")
	}
	signal.Ignore(syscall.SIGXFSZ) // or the system ends the process
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	set := func(limit syscall.Rlimit) {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
	}
	full := before
	full.Cur = bytes
	set(full)
	return func() { set(before) }
}
