package task

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"griot/internal/record"
	"griot/internal/table"
)

const (
	// pageRows is how many rows of a shard are read at once.
	pageRows = 100
	// looksAtOnce is how many things of one shard are looked after at once, so
	// that those of others have their part of what one sweep can do.
	looksAtOnce = 4
	// lookTime is what a look may take. A sweep whose time is limited begins none
	// in the last of it.
	lookTime = 5 * time.Second
	// mostFailures is how many failures the error of a sweep names.
	mostFailures = 5
)

// Look looks after a thing whose time, at, has come. It has to move or remove
// the row, or the thing is looked after again by the next sweep.
type Look func(ctx context.Context, of record.Ref, at time.Time) error

// Looks has who looks after the things whose ids begin with a prefix, such as
// "ses_".
type Looks map[string]Look

// All joins who looks after things of different kinds.
func All(of ...Looks) Looks {
	all := Looks{}
	for _, looks := range of {
		maps.Copy(all, looks)
	}
	return all
}

// Sweeper looks after everything that is due. Several may run at once; each
// sweeps once at a time.
type Sweeper struct {
	Table table.Store
	Now   func() time.Time
	Looks Looks
	// stopped has, of each shard, the last row that the sweep before began to
	// look after when its time was over, or "". A process that knows nothing of
	// it begins with the oldest row again.
	stopped [shards]string
}

// Sweep returns how many things it looked after. One that fails does not keep
// it from the others, and what it has no time for is what the next one begins
// with.
func (s *Sweeper) Sweep(ctx context.Context) (int, error) {
	w := sweep{Sweeper: s, ctx: ctx, now: s.Now()}
	first := rand.Uint32N(shards)
	var all sync.WaitGroup
	for i := range uint32(shards) {
		all.Go(func() { w.shard((first + i) % shards) })
	}
	all.Wait()
	return w.swept, w.err()
}

// sweep is one of a Sweeper.
type sweep struct {
	*Sweeper
	ctx context.Context
	now time.Time

	mu       sync.Mutex
	swept    int
	failed   int
	failures []error // the first of them
}

func (w *sweep) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed++; w.failed <= mostFailures {
		w.failures = append(w.failures, err)
	}
}

func (w *sweep) err() error {
	if more := w.failed - len(w.failures); more > 0 {
		return errors.Join(append(w.failures, fmt.Errorf("and %d failures more", more))...)
	}
	return errors.Join(w.failures...)
}

// over reports whether no more looks are to be begun.
func (w *sweep) over() bool {
	deadline, limited := w.ctx.Deadline()
	return w.ctx.Err() != nil || limited && time.Until(deadline) < lookTime
}

// shard looks after what is due of one shard, once round: from where the sweep
// before stopped to what is due now, and then from the oldest row to there. Rows
// that stay, because looking after them fails, so keep nobody from those behind
// them.
func (w *sweep) shard(n uint32) {
	var looks sync.WaitGroup
	defer looks.Wait()
	slots := make(chan struct{}, looksAtOnce)
	begin := func(sk string) bool {
		slots <- struct{}{}
		if w.over() {
			return false
		}
		w.stopped[n] = sk
		looks.Go(func() {
			defer func() { <-slots }()
			w.look(sk)
		})
		return true
	}
	until := fmt.Sprintf("%013d#~", w.now.UnixMilli()) // "~" sorts behind every id
	stopped := w.stopped[n]
	if stopped != "" && !w.rows(n, stopped+"\x00", until, begin) {
		return
	}
	if stopped != "" {
		until = stopped
	}
	if w.rows(n, "", until, begin) {
		w.stopped[n] = ""
	}
}

// rows gives begin the rows of a shard between two sort keys, and is false if it
// did not come to the end.
func (w *sweep) rows(shard uint32, from, to string, begin func(sk string) bool) bool {
	q := table.Query{
		Table: table.Sessions, PK: partition(shard), From: from, To: to, Limit: pageRows, Consistency: table.Consistent,
	}
	if from > to {
		return true
	}
	for row, err := range table.All(w.ctx, w.Table, q) {
		if err != nil {
			w.fail(fmt.Errorf("reading due rows: %w", err))
			return false
		}
		if !begin(row.SK) {
			return false
		}
	}
	return true
}

func (w *sweep) look(sk string) {
	ctx, cancel := context.WithTimeout(w.ctx, lookTime)
	defer cancel()
	err := w.lookAfter(ctx, sk)
	if err != nil {
		w.fail(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.swept++
}

func (s *Sweeper) lookAfter(ctx context.Context, sk string) error {
	parts := strings.SplitN(sk, "#", 3)
	if len(parts) != 3 {
		return fmt.Errorf("due row %q cannot be read", sk)
	}
	ms, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return fmt.Errorf("due row %q cannot be read: %w", sk, err)
	}
	prefix, _, _ := strings.Cut(parts[2], "_")
	look, ok := s.Looks[prefix+"_"]
	if !ok {
		return fmt.Errorf("nobody looks after %q", prefix)
	}
	return look(ctx, record.Ref{Workspace: parts[1], ID: parts[2]}, time.UnixMilli(ms).UTC())
}
