//go:build unix

package operator

import "syscall"

// makePrivate sets the mode of a socket that has no name yet. Only Linux lets
// the name inherit it; elsewhere it fails, and Chmod follows.
func makePrivate(fd uintptr) { _ = syscall.Fchmod(int(fd), 0o600) }
