package blobtest

import (
	"context"
	"io"

	"griot/internal/blob"
	"griot/internal/fault"
)

// Op is an operation that can fail. Get stands for GetRange too.
type Op int

const (
	Put Op = iota
	Get
	Stat
	Delete
	List
)

// Counts is true for all of them.
func (Op) Counts() bool { return true }

// Faulty wraps a store and makes the operations fail that are planned to. It is
// safe for concurrent use. PresignPut and KeyOf never fail, and uploads do not
// pass through it.
type Faulty struct {
	blob.Store
	*fault.Plan[Op]
}

var _ blob.Store = (*Faulty)(nil)

// NewFaulty returns a Faulty that does not fail yet.
func NewFaulty(s blob.Store) *Faulty { return &Faulty{Store: s, Plan: fault.New[Op](nil)} }

// Stat implements blob.Store.
func (f *Faulty) Stat(ctx context.Context, key string) (blob.Info, error) {
	return fault.Do(f.Plan, Stat, func() (blob.Info, error) { return f.Store.Stat(ctx, key) })
}

// Delete implements blob.Store.
func (f *Faulty) Delete(ctx context.Context, key string) error {
	_, err := fault.Do(f.Plan, Delete, func() (struct{}, error) { return struct{}{}, f.Store.Delete(ctx, key) })
	return err
}

// List implements blob.Store.
func (f *Faulty) List(ctx context.Context, prefix, after string) ([]blob.Info, bool, error) {
	type page struct {
		objects []blob.Info
		more    bool
	}
	p, err := fault.Do(f.Plan, List, func() (p page, err error) {
		p.objects, p.more, err = f.Store.List(ctx, prefix, after)
		return p, err
	})
	return p.objects, p.more, err
}

// Put implements blob.Store.
func (f *Faulty) Put(ctx context.Context, key string, r io.Reader, size int64, p blob.Put) (blob.Info, error) {
	kind, fails := f.Next(Put)
	switch {
	case fails && kind == fault.Before:
		return blob.Info{}, f.Err(kind)
	case fails && kind == fault.Midway:
		r = halfway(r, size)
	}
	info, err := f.Store.Put(ctx, key, r, size, p)
	if err == nil && fails {
		return blob.Info{}, f.Err(kind)
	}
	return info, err
}

// Get implements blob.Store.
func (f *Faulty) Get(ctx context.Context, key string) (io.ReadCloser, blob.Info, error) {
	return f.get(func() (io.ReadCloser, blob.Info, error) { return f.Store.Get(ctx, key) }, -1)
}

// GetRange implements blob.Store.
func (f *Faulty) GetRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, blob.Info, error) {
	return f.get(func() (io.ReadCloser, blob.Info, error) {
		return f.Store.GetRange(ctx, key, offset, length)
	}, length)
}

func (f *Faulty) get(open func() (io.ReadCloser, blob.Info, error), length int64) (io.ReadCloser, blob.Info, error) {
	kind, fails := f.Next(Get)
	if fails && kind == fault.Before {
		return nil, blob.Info{}, f.Err(kind)
	}
	r, info, err := open()
	switch {
	case err != nil || !fails:
		return r, info, err
	case kind == fault.After:
		r.Close()
		return nil, blob.Info{}, f.Err(kind)
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

func (broken) Read([]byte) (int, error) { return 0, fault.ErrInjected }
