package quota

import (
	"context"
	"crypto/rand"
	"log/slog"
	"time"

	"griot/internal/errs"
	"griot/internal/record"
	"griot/internal/table"
)

const leaseTries = 8

// Lease counts one thing that lasts, for as long as it is renewed: one whose
// process died falls out of the count by itself. It is not for concurrent use;
// nil counts nothing.
type Lease struct {
	book      Book
	workspace string
	counter   Counter
	id        string
	begun     time.Time // in the window that it counts in; zero: it counts in none
}

// Lease takes one of what the counter is of, or returns an error of the kind
// QuotaExceeded. A table that does not take the write refuses nobody: the lease
// then counts nothing.
func (b Book) Lease(ctx context.Context, workspace string, c Counter) (*Lease, error) {
	l := &Lease{book: b, workspace: workspace, counter: c, id: rand.Text()}
	now := b.Now()
	err := record.Change(ctx, leaseTries, func() error {
		op, err := b.Take(ctx, workspace, l.id, Amount{c, 1, now})
		if err != nil {
			return err
		}
		_, err = b.Table.Write(ctx, op)
		return Lost(err)
	})
	switch {
	case errs.Is(err, errs.QuotaExceeded):
		return nil, err
	case err != nil:
		l.uncounted(ctx, err)
	default:
		l.begun = now
	}
	return l, nil
}

// Renew makes the lease count on, whatever the quota is. It writes when a window
// has passed since the last time, and not otherwise.
func (l *Lease) Renew(ctx context.Context) {
	if l == nil || l.begun.IsZero() {
		return
	}
	now := l.book.Now()
	if l.counter.at(l.begun) == l.counter.at(now) {
		return
	}
	l.change(ctx, Amount{l.counter, -1, l.begun}, Amount{l.counter, 1, now})
	l.begun = now
}

// End gives back what was taken.
func (l *Lease) End(ctx context.Context) {
	if l == nil || l.begun.IsZero() {
		return
	}
	l.change(context.WithoutCancel(ctx), Amount{l.counter, -1, l.begun})
	l.begun = time.Time{}
}

// patience is how long a lease waits for the table.
const patience = 2 * time.Second

// change is not repeated where its answer is lost: one that counts too few is
// worse than one that counts too many until its window has passed.
func (l *Lease) change(ctx context.Context, amounts ...Amount) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for _, op := range l.book.Change(l.workspace, l.id, amounts...) {
		err := table.Retry(ctx, leaseTries, func() error {
			_, err := l.book.Table.Write(ctx, op)
			return err
		})
		if err != nil {
			l.uncounted(ctx, err)
		}
	}
}

func (l *Lease) uncounted(ctx context.Context, err error) {
	slog.WarnContext(ctx, "what a workspace has at once was not counted", "quota", l.counter.of, "error", err)
}
