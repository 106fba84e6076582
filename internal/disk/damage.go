package disk

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// ErrDamaged is a data file whose pages are not what was written to it.
var ErrDamaged = errors.New("the data file is damaged")

// guard runs fn and turns what a damaged file does to it into ErrDamaged.
// bbolt follows the numbers that it reads wherever they point, and panics, or
// touches memory that no file is behind.
func guard(fn func() error) (err error) {
	before := debug.SetPanicOnFault(true)
	defer func() {
		debug.SetPanicOnFault(before)
		p := recover()
		if p == nil {
			return
		}
		if _, fault := p.(interface{ Addr() uintptr }); fault {
			p = "it was cut, the disk does not give it back, or one of its pages points to where nothing is"
		} else if !ofBbolt() {
			panic(p)
		}
		err = fmt.Errorf("%w: %v", ErrDamaged, p)
	}()
	return fn()
}

// ofBbolt reports whether the panic that is being recovered is bbolt's own,
// and not a bug of ours.
func ofBbolt() bool {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs)])
	panicked := false
	for {
		frame, more := frames.Next()
		inRuntime := strings.HasPrefix(frame.Function, "runtime.")
		if panicked && !inRuntime {
			return strings.HasPrefix(frame.Function, "go.etcd.io/bbolt")
		}
		panicked = panicked || frame.Function == "runtime.gopanic"
		if !more {
			return false
		}
	}
}
