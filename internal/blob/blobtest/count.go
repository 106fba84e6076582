package blobtest

import (
	"context"
	"io"
	"sync/atomic"
	"testing"

	"griot/internal/blob"
)

// Counted is a store that counts its reads, and the bytes that were read.
type Counted struct {
	blob.Store
	reads, bytes atomic.Int64
}

// NewCounted decorates s.
func NewCounted(s blob.Store) *Counted { return &Counted{Store: s} }

// Reset begins anew at 0.
func (c *Counted) Reset() {
	c.reads.Store(0)
	c.bytes.Store(0)
}

// Reads returns how many reads there were since Reset.
func (c *Counted) Reads() int64 { return c.reads.Load() }

// Report reports what an operation of a benchmark has read since Reset.
func (c *Counted) Report(b *testing.B) {
	b.ReportMetric(float64(c.reads.Load())/float64(b.N), "blobreads/op")
	b.ReportMetric(float64(c.bytes.Load())/float64(b.N)/1024, "blobKB/op")
}

// Get implements blob.Store.
func (c *Counted) Get(ctx context.Context, key string) (io.ReadCloser, blob.Info, error) {
	return c.count(c.Store.Get(ctx, key))
}

// GetRange implements blob.Store.
func (c *Counted) GetRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, blob.Info, error) {
	return c.count(c.Store.GetRange(ctx, key, offset, length))
}

func (c *Counted) count(r io.ReadCloser, info blob.Info, err error) (io.ReadCloser, blob.Info, error) {
	c.reads.Add(1)
	if err != nil {
		return nil, blob.Info{}, err
	}
	return &counting{r, &c.bytes}, info, nil
}

type counting struct {
	io.ReadCloser
	bytes *atomic.Int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.bytes.Add(int64(n))
	return n, err
}
