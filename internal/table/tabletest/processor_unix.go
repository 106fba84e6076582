//go:build unix

package tabletest

import (
	"syscall"
	"time"
)

// processor returns how long the process has run on processors.
func processor() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
