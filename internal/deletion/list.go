package deletion

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"griot/internal/blob"
	"griot/internal/table"
)

// What nobody but a purge makes or removes any more is removed one by one, since
// a row by itself costs half of what it costs in a transaction. That each is
// counted once all the same is the list's doing: the receipt says which are
// removed next, in one write that also counts those that it said before, and on
// the condition that no other purge of the same part has written it meanwhile.
// Who finds a list removes what it names, again or for the first time, before it
// looks for more; so what it then finds is on no list yet.

const (
	// mostListed is the length of a list in bytes: with it the receipt stays within
	// the kilobyte that a write costs at least.
	mostListed = 720
	// removedAtOnce is how many things of a list are removed at the same time.
	removedAtOnce = 8
)

// Listed is a row, or an object, to be removed.
type Listed struct {
	Row    table.Key
	Object string
	ETag   string // of the version that is removed; "": whichever there is
}

// Row lists a row, of the table of sessions.
func Row(key table.Key) Listed { return Listed{Row: key} }

// Object lists an object whose key nobody uses again.
func Object(key string) Listed { return Listed{Object: key} }

// Version lists an object at a key that somebody else may use again, such as a
// drop in the inbox: what has another ETag by then stays.
func Version(key, etag string) Listed { return Listed{Object: key, ETag: etag} }

func (l Listed) counter() string {
	if l.Object != "" {
		return Objects
	}
	return TableItems
}

// listAttr and stepAttr are the attributes of a receipt that have a part's list,
// and the number of its steps: that of lists that there were, and one more when it
// is finished. It stays, or a purge that has read the receipt before all others
// would take it for as it was.
func (p *Purge) listAttr() string { return p.Part + "_list" }
func (p *Purge) stepAttr() string { return p.Part + "_step" }

// Resume reads the list that a purge before has left, and removes what it names.
func (p *Purge) Resume(ctx context.Context) error {
	receipt, err := p.Table.Get(ctx, p.Receipt, table.Consistent)
	if err != nil {
		return fmt.Errorf("reading the receipt: %w", err)
	}
	p.step, p.open = receipt.Int(p.stepAttr()), receipt.Int("open")
	if p.listed, err = readList(receipt.Bytes(p.listAttr())); err != nil {
		return err
	}
	return p.removeListed(ctx)
}

// List has things removed that are there, and that no list of before named: at
// once, or together with what comes after them, at the latest by Finish.
func (p *Purge) List(ctx context.Context, things ...Listed) error {
	for _, l := range things {
		if len(p.next) > 0 && len(appendList(nil, append(p.next, l))) > mostListed {
			if err := p.removeNext(ctx); err != nil {
				return err
			}
		}
		p.next = append(p.next, l)
	}
	return nil
}

// removeNext writes the list of what comes next, and counts the one before it.
func (p *Purge) removeNext(ctx context.Context) error {
	op := p.counted(table.Update(p.Receipt, table.Attrs{p.listAttr(): appendList(nil, p.next), p.stepAttr(): p.step + 1}, table.Exists()))
	err := table.Retry(ctx, tries, func() error {
		receipt, err := p.Table.Write(ctx, op)
		p.open = receipt.Int("open")
		return err
	})
	if errors.Is(err, table.ErrCondition) {
		return ErrTwin
	}
	if err != nil {
		return fmt.Errorf("listing what is removed next: %w", err)
	}
	p.step, p.listed, p.next = p.step+1, p.next, nil
	return p.removeListed(ctx)
}

// counted adds to a write of the receipt that what was listed is counted, if
// nobody has listed anything since.
func (p *Purge) counted(op table.Op) table.Op {
	op.If = append(op.If, table.Equal(p.stepAttr(), p.step))
	if p.step == 0 {
		op.If[len(op.If)-1] = table.Missing(p.stepAttr())
	}
	for _, l := range p.listed {
		if op.Add == nil {
			op.Add = map[string]int64{}
		}
		op.Add[l.counter()]++
	}
	return op
}

func (p *Purge) removeListed(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var all sync.WaitGroup
	slots := make(chan struct{}, removedAtOnce)
	for _, l := range p.listed {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			if err := p.removeOne(ctx, l); err != nil {
				cancel(err)
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

func (p *Purge) removeOne(ctx context.Context, l Listed) error {
	if l.Object != "" {
		return p.removeObject(ctx, l)
	}
	err := table.Retry(ctx, tries, func() error {
		_, err := p.Table.Write(ctx, table.Repeatable(table.Delete(l.Row)))
		return err
	})
	if err != nil {
		return fmt.Errorf("removing a row: %w", err)
	}
	return nil
}

func (p *Purge) removeObject(ctx context.Context, l Listed) error {
	if l.ETag != "" {
		switch info, err := p.Blobs.Stat(ctx, l.Object); {
		case errors.Is(err, blob.ErrNotFound), err == nil && info.ETag != l.ETag:
			return nil // an earlier purge removed it
		case err != nil:
			return fmt.Errorf("looking at an object to remove: %w", err)
		}
	}
	if err := p.Blobs.Delete(ctx, l.Object); err != nil {
		return fmt.Errorf("removing an object: %w", err)
	}
	return nil
}

// Finish removes what is left to remove, and returns the write by which the part
// is finished; the last one closes the receipt. It fails in its transaction when
// another part or another purge was faster: then the purge begins again.
func (p *Purge) Finish(ctx context.Context, now time.Time) (table.Op, error) {
	if len(p.next) > 0 {
		if err := p.removeNext(ctx); err != nil {
			return table.Op{}, err
		}
	}
	op := p.counted(closing(p.Receipt, p.open, now))
	op.Attrs[p.stepAttr()], op.Remove = p.step+1, append(op.Remove, p.listAttr())
	return op, nil
}

// appendList appends a list in bytes: of each thing its partition key and its
// sort key; or nothing and the object's key; or [versioned], the object's key and
// its ETag; each behind its length. A partition key that is the one before is not
// repeated. No partition key is one of the marks: all are longer.
func appendList(out []byte, list []Listed) []byte {
	text := func(s string) {
		out = binary.AppendUvarint(out, uint64(len(s)))
		out = append(out, s...)
	}
	last := ""
	for _, l := range list {
		switch {
		case l.ETag != "":
			text(versioned)
			text(l.Object)
			text(l.ETag)
			continue
		case l.Object != "":
			text("")
			text(l.Object)
			continue
		case l.Row.PK == last:
			text(sameKey)
		default:
			text(l.Row.PK)
			last = l.Row.PK
		}
		text(l.Row.SK)
	}
	return out
}

const (
	sameKey   = "="
	versioned = "@"
)

var errList = errors.New("reading what is to be removed: the receipt does not hold what it should")

// readList reads what appendList wrote. All rows are of the table of sessions.
func readList(in []byte) ([]Listed, error) {
	text := func() (string, error) {
		length, n := binary.Uvarint(in)
		if n <= 0 || length > uint64(len(in)-n) {
			return "", errList
		}
		s := string(in[n : n+int(length)])
		in = in[n+int(length):]
		return s, nil
	}
	var list []Listed
	pk := ""
	for len(in) > 0 {
		first, err := text()
		if err != nil {
			return nil, err
		}
		second, err := text()
		if err != nil {
			return nil, err
		}
		switch first {
		case "":
			list = append(list, Object(second))
			continue
		case versioned:
			etag, err := text()
			if err != nil {
				return nil, err
			}
			list = append(list, Version(second, etag))
			continue
		case sameKey:
		default:
			pk = first
		}
		list = append(list, Row(table.Key{Table: table.Sessions, PK: pk, SK: second}))
	}
	return list, nil
}
