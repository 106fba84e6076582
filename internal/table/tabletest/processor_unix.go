//go:build unix

package tabletest

import (
	"syscall"
	"time"
)

// Processor returns how long the process has run on processors.
func Processor() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
