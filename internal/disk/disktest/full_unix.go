//go:build unix

// Package disktest makes a disk full for tests, without a disk of their own.
package disktest

import (
	"os/signal"
	"sync"
	"syscall"
	"testing"
)

var ignoreSignal = sync.OnceFunc(func() { signal.Ignore(syscall.SIGXFSZ) })

// Full lets no file of this process grow beyond so many bytes, as a full disk
// does: what would need more is refused by the system. The function that it
// returns makes room again; the end of the test does, too. Tests that use it
// must not run beside others.
func Full(t testing.TB, bytes uint64) (free func()) {
	t.Helper()
	ignoreSignal()
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
	t.Cleanup(func() { set(before) })
	return func() { set(before) }
}
