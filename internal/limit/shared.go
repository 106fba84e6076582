package limit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"griot/internal/table"
)

// A shared bucket is a row for each slice of time in which somebody wrote it.
// The first process to write in a slice opens the row with what the bucket has
// then, which it computes of the row before; from there on processes only add
// what they have taken, on the condition that there is as much. So any number
// of them may write at once, a write is one unit, and none is lost.
//
// It is exact but for three things: what each process may take before it writes
// (slack), what fills into a full bucket within a slice (a slice's rate), and
// what is added to a slice when the next one has just been opened, by a process
// whose clock is behind.
const (
	slice = 3 * time.Second
	// slackPart of a full bucket is what a process may take unseen: 0.12 s of
	// the rate.
	slackPart = 1.0 / 500
	// kept is how long a row is there, which is what the next one is made of. A
	// debt that is older is forgiven.
	kept = 10 * time.Minute
	// patience is how long a request waits for the table on behalf of limits.
	patience = 500 * time.Millisecond
	// pause is how long the table is left alone after it failed.
	pause = time.Second
	tries = 4
)

func slack(rate Amount) Amount { return burst(rate).times(slackPart) }

// row is a bucket in a slice of time.
type row struct {
	key   table.Key // none: no row
	had   Amount    // when it was opened
	at    time.Time // when that was
	spent Amount    // since then
}

// attribute names, by dimension
var (
	hadAttrs   = [dimensions]string{"had_requests", "had_reads", "had_writes"}
	spentAttrs = [dimensions]string{"requests", "reads", "writes"}
)

const openedAttr = "opened"

// Rows have thousandths of units.
const scale = 1000

func thousandths(n float64) int64 { return int64(math.Round(n * scale)) }

func (n name) rowAt(t time.Time) table.Key {
	sk := string(n.class)
	if n.key != "" {
		sk = "key#" + n.key + "#" + sk
	}
	return table.Key{Table: table.Access, PK: partition(n.workspace), SK: fmt.Sprintf("%s#%012d", sk, t.Unix()/int64(slice/time.Second))}
}

func readRow(item table.Item) row {
	r := row{key: item.Key, at: item.Time(openedAttr)}
	for d := range dimensions {
		r.had[d] = float64(item.Int(hadAttrs[d])) / scale
		r.spent[d] = float64(item.Int(spentAttrs[d])) / scale
	}
	return r
}

// filled is what would be there if nothing were spent.
func (r row) filled(rate Amount, now time.Time) Amount {
	return r.had.plus(rate.times(max(0, now.Sub(r.at).Seconds())))
}

// level is what there is; a bucket without a row is full.
func (r row) level(rate Amount, now time.Time) Amount {
	if r.key.SK == "" {
		return burst(rate)
	}
	return least(r.filled(rate, now).minus(r.spent), burst(rate))
}

// errShort: there is not as much.
var errShort = errors.New("limit: the bucket has not as much")

// claim writes down what was taken here, together with cost, if what it needs
// is in the bucket.
func (l *Limiter) claim(ctx context.Context, p part, cost, need Amount, now time.Time) (wait time.Duration) {
	beside := p.pending.plus(need)
	for d := range need {
		if need[d] <= 0 {
			beside[d] = math.Inf(-1)
		}
	}
	err := l.write(ctx, p, p.pending.plus(cost), beside, now)
	switch {
	case errors.Is(err, errShort):
		return max(p.wait(p.rate, need), time.Millisecond)
	case err != nil:
		p.add(cost)
		l.lost(p, err)
	}
	return 0
}

// settle takes cost without asking, or gives it back. What has come together
// is written down, since this process may not be asked again.
func (l *Limiter) settle(ctx context.Context, p part, cost Amount) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.add(cost)
	if s := slack(p.rate); !l.Shared || p.pending.fits(s) && p.pending.times(-1).fits(s) {
		return
	}
	whatever := Amount{math.Inf(-1), math.Inf(-1), math.Inf(-1)}
	if err := l.write(ctx, p, p.pending, whatever, l.Now()); err != nil {
		l.lost(p, err)
	}
}

// lost is after a write that failed. What may have been written counts as
// written: nobody pays twice for a store that does not answer.
func (l *Limiter) lost(p part, err error) {
	if !table.Retryable(err) && !errors.Is(err, errPaused) {
		p.pending = Amount{}
	}
}

// patiently bounds how long the table is waited for. A client that leaves ends
// nothing: that is no fault of the table's.
func patiently(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), patience)
}

// errPaused: the table failed a moment ago.
var errPaused = errors.New("limit: the table is not asked")

// write adds amount to what is spent of a bucket, on the condition that need is
// there; otherwise the error is errShort. It is the caller's to have p's lock.
// Afterwards p is as its row is, in both cases.
func (l *Limiter) write(ctx context.Context, p part, amount, need Amount, now time.Time) error {
	l.mu.Lock()
	paused := now.Before(l.resume) && l.resume.Sub(now) <= pause
	l.mu.Unlock()
	if paused {
		return errPaused
	}
	ctx, cancel := patiently(ctx)
	defer cancel()
	err := l.writeRow(ctx, p, amount, need, now)
	for try := 1; err != nil && !errors.Is(err, errShort) && try < tries && table.Pause(ctx, try-1) == nil; try++ {
		err = l.writeRow(ctx, p, amount, need, now) // also if it may have been written: most are refused
	}
	switch {
	case err == nil:
		p.level, p.at, p.pending = p.row.level(p.rate, now), now, Amount{}
	case errors.Is(err, errShort):
		p.level, p.at = p.row.level(p.rate, now).minus(p.pending), now
	default:
		l.unknown(ctx, "what a workspace takes was not written down", err)
		l.mu.Lock()
		l.resume = now.Add(pause)
		l.mu.Unlock()
	}
	return err
}

func (l *Limiter) writeRow(ctx context.Context, p part, amount, need Amount, now time.Time) error {
	if p.row.key.SK < p.rowAt(now).SK {
		last, err := l.last(ctx, p.name, now)
		if err != nil {
			return err
		}
		if p.row = last; last.key.SK < p.rowAt(now).SK {
			return l.open(ctx, p, amount, need, now)
		}
	}
	room := p.row.filled(p.rate, now).minus(need)
	op := table.Update(p.row.key, nil, table.Exists())
	op.Add = map[string]int64{}
	for d := range dimensions {
		op.Add[spentAttrs[d]] = thousandths(amount[d])
		if !math.IsInf(room[d], 1) {
			op.If = append(op.If, table.Less(spentAttrs[d], thousandths(room[d])+1))
		}
	}
	item, err := l.Table.Write(ctx, op)
	if failed := table.Failed(err); failed != nil {
		if item, err = failed.Old, errShort; !item.Found() {
			p.row = row{} // it has expired
			return table.ErrConflict
		}
	}
	if err == nil || errors.Is(err, errShort) {
		p.row = readRow(item)
	}
	return err
}

// open begins a slice. Who is slower than another adds to what that has begun.
func (l *Limiter) open(ctx context.Context, p part, amount, need Amount, now time.Time) error {
	begun := row{key: p.rowAt(now), had: p.row.level(p.rate, now), at: now.Truncate(time.Millisecond)}
	if !need.fits(begun.had) {
		return errShort
	}
	attrs := table.Attrs{openedAttr: begun.at.UnixMilli(), table.ExpiresAttr: now.Add(kept).Unix()}
	for d := range dimensions {
		attrs[hadAttrs[d]], attrs[spentAttrs[d]] = thousandths(begun.had[d]), thousandths(amount[d])
	}
	item, err := l.Table.Write(ctx, table.Put(begun.key, attrs, table.Absent()))
	switch failed := table.Failed(err); {
	case failed != nil:
		p.row = readRow(failed.Old)
		return table.ErrConflict
	case err == nil:
		p.row = readRow(item)
	}
	return err
}

// last returns the newest row of a bucket. One that is far ahead is of a clock
// that was wrong.
func (l *Limiter) last(ctx context.Context, n name, now time.Time) (row, error) {
	page, err := l.Table.Query(ctx, table.Query{
		Table: table.Access, PK: partition(n.workspace), Consistency: table.Consistent,
		From: n.rowAt(time.Unix(0, 0)).SK, To: n.rowAt(now.Add(Span)).SK, Reverse: true, Limit: 1,
	})
	if err != nil || len(page.Items) == 0 {
		return row{}, err
	}
	return readRow(page.Items[0]), nil
}

// refresh brings an account to what its row has.
func (l *Limiter) refresh(ctx context.Context, p part) error {
	if !l.Shared {
		return nil
	}
	now := l.Now()
	last, err := l.last(ctx, p.name, now)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.row = last
	p.level, p.at = last.level(p.rate, now).minus(p.pending), now
	return nil
}
