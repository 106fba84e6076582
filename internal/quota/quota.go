// Package quota bounds what a workspace may have at once, so that none takes
// what is there for all. What it has of a thing is counted by the transactions
// that make and remove it, and a transaction that would exceed the quota is
// not made.
//
// The counters of a workspace are spread over rows, so that they are no row
// that all its writers meet in; see [State.Take] for how the quota holds
// nevertheless. Counters of what is lent for a time count by windows of time:
// what is not given back falls out of the count when its window has passed.
package quota

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"griot/internal/errs"
	"griot/internal/record"
	"griot/internal/table"
)

// Name is that of a quota, as clients and the operator see it.
type Name string

// The quotas (contract F6). Those of sessions' text hold for each session.
const (
	OpenSessions    Name = "open_sessions"    // sessions that are not over
	WaitingUploads  Name = "waiting_uploads"  // uploads whose file has not come
	SessionText     Name = "session_text"     // bytes of what a live session has said
	SessionSegments Name = "session_segments" // segments of a live session
	Streams         Name = "streams"          // transcripts that are followed at the same time
	Keys            Name = "keys"             // keys that can be used
	StoredBytes     Name = "stored_bytes"     // files, texts of sessions that are over, and memories
	Topics          Name = "topics"           // topics that have memories
)

// Names are all quotas.
var Names = []Name{OpenSessions, WaitingUploads, SessionText, SessionSegments, Streams, Keys, StoredBytes, Topics}

// Default is what a workspace may have of which the operator said nothing.
func (n Name) Default() int64 {
	switch n {
	case WaitingUploads:
		return 100
	case SessionText:
		return 10 << 20 // as in a file
	case SessionSegments:
		return 20_000
	case StoredBytes:
		return 50 << 30
	case Topics:
		return 100_000
	}
	return 1000
}

// PerSession reports whether the quota holds for each session, and not for the
// workspace as a whole.
func (n Name) PerSession() bool { return n == SessionText || n == SessionSegments }

// Use is what a workspace may have of a thing, and has.
type Use struct {
	Name  Name
	Limit int64
	Used  *int64 // nil of what holds for each session
}

// Exceeded is the refusal of what would be too much.
func Exceeded(n Name, limit int64) error {
	what := "the workspace"
	if n.PerSession() {
		what = "the session"
	}
	return errs.Wrap(errs.QuotaExceeded, exceeded(n), "%s has as much as it may of %s: the quota is %d", what, n, limit)
}

type exceeded Name

func (n exceeded) Error() string { return "over the quota " + string(n) }

// Over reports whether err is the refusal by this quota.
func Over(err error, n Name) bool {
	of, ok := errors.AsType[exceeded](err)
	return ok && Name(of) == n
}

// Counter counts a part of what a quota is about.
type Counter struct {
	attr   string
	of     Name
	window time.Duration // 0: what is counted stays until it is given back
}

// The counters.
var (
	Open     = Counter{"sessions", OpenSessions, 0}
	Waiting  = Counter{"uploads", WaitingUploads, uploadWindow}
	Incoming = Counter{"incoming", StoredBytes, uploadWindow} // bytes of the files that uploads wait for
	Stored   = Counter{"bytes", StoredBytes, 0}
	Followed = Counter{"streams", Streams, streamWindow}
	Named    = Counter{"topics", Topics, 0} // see Note
	// Remembered are the bytes of memories; most of them count elsewhere, see
	// [Memories].
	Remembered = Counter{"memories", StoredBytes, 0}
)

const (
	// uploadWindow is how long an upload's URL is valid: one that is not used
	// counts for so long at least, and twice as long at most.
	uploadWindow = 15 * time.Minute
	// streamWindow is for how long a stream counts, at least, that ended
	// without a word.
	streamWindow = 5 * time.Minute
)

var counters = []Counter{Open, Waiting, Incoming, Stored, Followed, Named, Remembered}

// at is the attribute that counts what began at a time.
func (c Counter) at(t time.Time) string {
	if c.window == 0 {
		return c.attr
	}
	return c.attr + "@" + strconv.FormatInt(c.windowOf(t), 10)
}

func (c Counter) windowOf(t time.Time) int64 { return t.UnixMilli() / c.window.Milliseconds() }

// counts reports whether an attribute of this counter still counts.
func (c Counter) counts(attr string, now time.Time) bool {
	window, ok := c.windowIn(attr)
	return ok && (c.window == 0 || window >= c.windowOf(now)-1)
}

// windowIn is false for what is no attribute of the counter.
func (c Counter) windowIn(attr string) (window int64, ok bool) {
	name, number, windowed := strings.Cut(attr, "@")
	if name != c.attr || windowed != (c.window > 0) {
		return 0, false
	}
	if windowed {
		var err error
		window, err = strconv.ParseInt(number, 10, 64)
		ok = err == nil
		return window, ok
	}
	return 0, true
}

// Amount is what is counted: N of a thing more, or less. Of what is lent for a
// time At is when that began.
type Amount struct {
	Counter Counter
	N       int64
	At      time.Time
}

// The rows of a workspace: what the operator has said, and its counters. All of
// them are read by one query of 4 KB at most.
func row(workspace, sk string) table.Key {
	return table.Key{Table: table.Sessions, PK: workspace + partitionSuffix, SK: sk}
}

const (
	partitionSuffix = "#quota"
	limitsSK        = "limits"
	// shards are the rows that counters are spread over, beside row 0, which all
	// those write who are near a limit.
	shards = 15
	// margin is how many requests of a size may be under way at once before the
	// quota may be exceeded.
	margin = 64
)

func counterRow(workspace string, shard uint32) table.Key {
	return row(workspace, fmt.Sprintf("%02d", shard))
}

func shardOf(id string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(id))
	return 1 + h.Sum32()%shards
}

// Book has the quotas of all workspaces.
type Book struct {
	Table table.Store
	Now   func() time.Time
}

// State is what a workspace has, and may have.
type State struct {
	workspace string
	now       time.Time
	limits    map[Name]int64
	used      map[Name]int64
	rows      []table.Item // of the counters
	weight    table.Item   // the row of Weigh
}

// Read returns the state of a workspace, with memories as they were weighed
// last.
func (b Book) Read(ctx context.Context, workspace string) (State, error) {
	s := State{workspace: workspace, now: b.Now(), limits: map[Name]int64{}, used: map[Name]int64{}}
	page, err := b.Table.Query(ctx, table.Query{Table: table.Sessions, PK: row(workspace, "").PK, Consistency: table.Consistent})
	if err != nil {
		return State{}, fmt.Errorf("reading the quotas: %w", err)
	}
	for _, item := range page.Items {
		if item.SK == limitsSK {
			s.limits = readLimits(item)
			continue
		}
		if s.rows = append(s.rows, item); item.SK == Remembered.attr {
			s.weight = item
		}
		for _, c := range counters {
			s.used[c.of] += c.sum(item, s.now)
		}
	}
	return s, nil
}

func (c Counter) sum(item table.Item, now time.Time) (n int64) {
	for attr := range item.Attrs {
		if c.counts(attr, now) {
			n += item.Int(attr)
		}
	}
	return n
}

// Limit is what the workspace may have.
func (s State) Limit(n Name) int64 {
	if limit, said := s.limits[n]; said {
		return limit
	}
	return n.Default()
}

// Used is what the workspace has of what is counted here.
func (s State) Used(n Name) int64 { return max(0, s.used[n]) }

// Uses are all quotas; keys are how many there are, which others count.
func (s State) Uses(keys int64) []Use {
	all := make([]Use, len(Names))
	for i, n := range Names {
		used := s.Used(n)
		if n == Keys {
			used = keys
		}
		if all[i] = (Use{Name: n, Limit: s.Limit(n)}); !n.PerSession() {
			all[i].Used = &used
		}
	}
	return all
}

// Take returns the write that counts the amounts, for the transaction that
// makes what they are of, which has this id. It is an error of the kind
// QuotaExceeded if there is not as much left; of an amount of 0, if nothing is.
//
// Who is far from a limit adds to the row of the id, on no condition. Who is
// near adds to row 0, on the condition that it stays below what the other rows,
// as they were read, leave of the quota. Nothing is ever taken from row 0, and
// the others grow only by those who were far when they read: so the quota is
// exact unless more than [margin] of these are under way at the same time. A
// condition that fails is [Contested]: read again.
func (s State) Take(id string, amounts ...Amount) (table.Op, error) {
	shard := shardOf(id)
	for _, a := range amounts {
		left := s.Limit(a.Counter.of) - s.Used(a.Counter.of)
		if left < max(1, a.N) {
			return table.Op{}, Exceeded(a.Counter.of, s.Limit(a.Counter.of))
		}
		if left/margin < a.N {
			shard = 0
		}
	}
	op := table.Update(counterRow(s.workspace, shard), nil)
	op.Add = map[string]int64{}
	own := s.row(shard)
	for _, a := range amounts {
		if a.N == 0 {
			continue
		}
		attr := a.Counter.at(a.At)
		op.Add[attr] = a.N
		if shard == 0 {
			others := s.used[a.Counter.of] - own.Int(attr)
			op.If = append(op.If, table.MissingOrLess(attr, s.Limit(a.Counter.of)-others-a.N+1))
		}
	}
	if shard == 0 {
		op.If = append(op.If, s.asRead(own, amounts)...)
	}
	op.Remove = s.past(own)
	return op, nil
}

// asRead holds as long as nobody has added to row 0 what else counts in the
// quotas of some amounts, such as files beside memories.
func (s State) asRead(own table.Item, amounts []Amount) (conds []table.Cond) {
	guarded := map[string]bool{}
	for _, a := range amounts {
		guarded[a.Counter.at(a.At)] = true
	}
	for _, c := range counters {
		if !slices.ContainsFunc(amounts, func(a Amount) bool { return a.N != 0 && a.Counter.of == c.of }) {
			continue
		}
		if attr := c.at(s.now); !guarded[attr] {
			guarded[attr] = true
			conds = append(conds, table.MissingOrLess(attr, own.Int(attr)+1))
		}
	}
	return conds
}

// row is a counter's row as it was read, which may not be there.
func (s State) row(shard uint32) table.Item {
	key := counterRow(s.workspace, shard)
	i := slices.IndexFunc(s.rows, func(item table.Item) bool { return item.Key == key })
	if i < 0 {
		return table.Item{Key: key}
	}
	return s.rows[i]
}

// past are the attributes of windows that have passed.
func (s State) past(item table.Item) (attrs []string) {
	for attr := range item.Attrs {
		for _, c := range counters {
			if _, ok := c.windowIn(attr); ok && !c.counts(attr, s.now) {
				attrs = append(attrs, attr)
			}
		}
	}
	slices.Sort(attrs)
	return attrs
}

// Take is [State.Take] of the state as it is now.
func (b Book) Take(ctx context.Context, workspace, id string, amounts ...Amount) (table.Op, error) {
	read := b.Read
	if slices.ContainsFunc(amounts, func(a Amount) bool { return a.Counter.of == StoredBytes }) {
		read = b.ReadBytes
	}
	s, err := read(ctx, workspace)
	if err != nil {
		return table.Op{}, err
	}
	return s.Take(id, amounts...)
}

// Change returns the write that counts amounts whatever the quota is: what is
// given back, or what was promised before. There is none if nothing of it
// counts.
func (b Book) Change(workspace, id string, amounts ...Amount) []table.Op {
	add := map[string]int64{}
	for _, a := range amounts {
		if attr := a.Counter.at(a.At); a.N != 0 && a.Counter.counts(attr, b.Now()) {
			add[attr] += a.N
		}
	}
	if len(add) == 0 {
		return nil
	}
	op := table.Update(counterRow(workspace, shardOf(id)), nil)
	op.Add = add
	return []table.Op{op}
}

// Noted is the row of a counter that is not added to: whoever counts what it is
// of notes there how many there are.
func Noted(workspace string, c Counter) table.Key { return row(workspace, c.attr) }

// Note returns the write of that row.
func Note(workspace string, c Counter, n int64) table.Op {
	return table.Put(Noted(workspace, c), table.Attrs{c.attr: n})
}

// Count reads a row of Note; ok is false if there is none.
func (c Counter) Count(item table.Item) (n int64, ok bool) {
	n, ok = item.Attrs[c.attr].(int64)
	return n, ok
}

// Contested reports whether a transaction failed since others have taken what
// was left when it was planned.
func Contested(err error) bool {
	failed := table.Failed(err)
	return failed != nil && strings.HasSuffix(failed.Old.PK, partitionSuffix)
}

// Lost is err, or record.ErrStale if it was contested.
func Lost(err error) error {
	if Contested(err) {
		return record.ErrStale
	}
	return err
}

// limits reads what the operator has said of a workspace alone.
func (b Book) limits(ctx context.Context, workspace string) (map[Name]int64, error) {
	item, err := b.Table.Get(ctx, row(workspace, limitsSK), table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return nil, fmt.Errorf("reading the quotas: %w", err)
	}
	return readLimits(item), nil
}

// Limit returns what a workspace may have of what is not counted.
func (b Book) Limit(ctx context.Context, workspace string, n Name) (int64, error) {
	limits, err := b.limits(ctx, workspace)
	return State{limits: limits}.Limit(n), err
}

func readLimits(item table.Item) map[Name]int64 {
	limits := map[Name]int64{}
	for _, n := range Names {
		if limit, said := item.Attrs[string(n)].(int64); said {
			limits[n] = limit
		}
	}
	return limits
}

// Most is the largest quota there can be.
const Most = 1 << 50

// Set says how much a workspace may have of a thing, for the operator; nil is
// the default. What it has more stays, and nothing is added to it.
func (b Book) Set(ctx context.Context, workspace string, n Name, limit *int64) error {
	if !slices.Contains(Names, n) {
		return errs.New(errs.FailedPrecondition, "there is no quota %q; there are: %v", n, Names)
	}
	op := table.Update(row(workspace, limitsSK), nil)
	switch {
	case limit == nil:
		op.Remove = []string{string(n)}
	case *limit < 0 || *limit > Most:
		return errs.New(errs.FailedPrecondition, "the quota %s is a number from 0 to %d", n, int64(Most))
	default:
		op.Attrs[string(n)] = *limit
	}
	err := record.Change(ctx, setTries, func() error {
		_, err := b.Table.Write(ctx, table.Repeatable(op))
		return err
	})
	if err != nil {
		return fmt.Errorf("writing the quota: %w", err)
	}
	return b.Weigh(ctx, workspace)
}

const setTries = 8
