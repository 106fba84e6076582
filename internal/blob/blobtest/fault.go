package blobtest

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"

	"griot/internal/blob"
)

// ErrInjected is what a failing operation returns.
var ErrInjected = errors.New("blobtest: injected failure")

// Op is an operation that can fail. Get stands for GetRange too.
type Op int

const (
	Put Op = iota
	Get
	Stat
	Delete
	List
)

// When is the moment of a failure.
type When int

const (
	Before When = iota // nothing happened
	After              // it happened, but the caller is told that it failed
	Midway             // the content breaks off: Put's source or Get's reader; else Before
)

// Faults is a store whose chosen operations fail. Operations are counted, so
// a scenario can be repeated with the first failing, the second, and so on
// until Fired stays 0:
//
//	for n := 1; ; n++ {
//		s := blobtest.NewFaults(open(t))
//		s.Fail(n, blobtest.After)
//		scenario(t, s)
//		if s.Fired() == 0 {
//			break
//		}
//	}
//
// It is safe for concurrent use. PresignPut and KeyOf never fail, and
// uploads do not pass through it.
type Faults struct {
	blob.Store

	mu    sync.Mutex
	plans []*plan
	fired int
	down  bool
}

var _ blob.Store = (*Faults)(nil)

// plan waits for the n-th of its operations, then fires once.
type plan struct {
	left  int
	when  When
	ops   []Op
	crash bool
}

// NewFaults decorates s. Nothing fails until it is told to.
func NewFaults(s blob.Store) *Faults { return &Faults{Store: s} }

// Fail makes the n-th operation from now on (1 is the next) among ops (none:
// all) fail once.
func (f *Faults) Fail(n int, when When, ops ...Op) {
	f.add(plan{left: n, when: when, ops: ops})
}

// Crash is Fail for a process that dies there: after that operation every one
// fails, until Heal. Its other stores have to follow Down.
func (f *Faults) Crash(n int, when When, ops ...Op) {
	f.add(plan{left: n, when: when, ops: ops, crash: true})
}

func (f *Faults) add(p plan) {
	if len(p.ops) == 0 {
		p.ops = []Op{Put, Get, Stat, Delete, List}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.plans = append(f.plans, &p)
}

// Down reports whether the process has crashed.
func (f *Faults) Down() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.down
}

// Heal ends all failing. The count goes on.
func (f *Faults) Heal() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.plans, f.down = nil, false
}

// Fired returns how many operations have failed.
func (f *Faults) Fired() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fired
}

// next counts an operation and says whether and when it fails.
func (f *Faults) next(op Op) (when When, fails bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return Before, true
	}
	for _, p := range f.plans {
		if !slices.Contains(p.ops, op) {
			continue
		}
		if p.left--; p.left == 0 {
			f.fired++
			when, fails, f.down = p.when, true, f.down || p.crash
		}
	}
	return when, fails
}

// do runs an operation that has no content with its failure.
func (f *Faults) do(op Op, run func() error) error {
	when, fails := f.next(op)
	if fails && when != After {
		return ErrInjected
	}
	err := run()
	if err == nil && fails {
		return ErrInjected
	}
	return err
}

// Stat implements blob.Store.
func (f *Faults) Stat(ctx context.Context, key string) (info blob.Info, err error) {
	err = f.do(Stat, func() (err error) {
		info, err = f.Store.Stat(ctx, key)
		return err
	})
	if err != nil {
		return blob.Info{}, err
	}
	return info, nil
}

// Delete implements blob.Store.
func (f *Faults) Delete(ctx context.Context, key string) error {
	return f.do(Delete, func() error { return f.Store.Delete(ctx, key) })
}

// List implements blob.Store.
func (f *Faults) List(ctx context.Context, prefix, after string) (objects []blob.Info, more bool, err error) {
	err = f.do(List, func() (err error) {
		objects, more, err = f.Store.List(ctx, prefix, after)
		return err
	})
	if err != nil {
		return nil, false, err
	}
	return objects, more, nil
}

// Put implements blob.Store.
func (f *Faults) Put(ctx context.Context, key string, r io.Reader, size int64, p blob.Put) (blob.Info, error) {
	when, fails := f.next(Put)
	switch {
	case fails && when == Before:
		return blob.Info{}, ErrInjected
	case fails && when == Midway:
		r = halfway(r, size)
	}
	info, err := f.Store.Put(ctx, key, r, size, p)
	if err == nil && fails {
		return blob.Info{}, ErrInjected
	}
	return info, err
}

// Get implements blob.Store.
func (f *Faults) Get(ctx context.Context, key string) (io.ReadCloser, blob.Info, error) {
	return f.get(func() (io.ReadCloser, blob.Info, error) { return f.Store.Get(ctx, key) }, -1)
}

// GetRange implements blob.Store.
func (f *Faults) GetRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, blob.Info, error) {
	return f.get(func() (io.ReadCloser, blob.Info, error) {
		return f.Store.GetRange(ctx, key, offset, length)
	}, length)
}

func (f *Faults) get(open func() (io.ReadCloser, blob.Info, error), length int64) (io.ReadCloser, blob.Info, error) {
	when, fails := f.next(Get)
	if fails && when == Before {
		return nil, blob.Info{}, ErrInjected
	}
	r, info, err := open()
	switch {
	case err != nil || !fails:
		return r, info, err
	case when == After:
		r.Close()
		return nil, blob.Info{}, ErrInjected
	}
	if length < 0 || length > info.Size {
		length = info.Size
	}
	return struct {
		io.Reader
		io.Closer
	}{halfway(r, length), r}, info, nil
}

// halfway reads half of r's bytes (of an unknown size, one), then fails.
func halfway(r io.Reader, size int64) io.Reader {
	if size < 0 {
		size = 2
	}
	return io.MultiReader(io.LimitReader(r, size/2), broken{})
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, ErrInjected }
