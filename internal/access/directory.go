package access

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"griot/internal/errs"
	"griot/internal/table"
	"griot/internal/text"
)

// Directory has the workspaces, projects and keys. Both fields are required;
// it must not be copied.
type Directory struct {
	Table table.Store
	Now   func() time.Time

	uses uses
}

// now is the one place where times are rounded: to milliseconds, UTC.
func (d *Directory) now() time.Time { return d.Now().UTC().Truncate(time.Millisecond) }

// tries of a transaction that collides with others.
const tries = 8

// queryAll reads all pages of a query.
func (d *Directory) queryAll(ctx context.Context, q table.Query) ([]table.Item, error) {
	var items []table.Item
	for {
		page, err := d.Table.Query(ctx, q)
		if err != nil {
			return nil, err
		}
		items = append(items, page.Items...)
		if page.Next == "" {
			return items, nil
		}
		q.After = page.Next
	}
}

// checkName returns an error naming the field unless s is text of so many
// characters, on one line and not blank.
func checkName(field, s string, minimum, maximum int) error {
	n := utf8.RuneCountInString(s)
	switch {
	case s == "" && minimum > 0:
		return errs.Invalid(field, "required", "is required")
	case n < minimum:
		return errs.Invalid(field, "too_short", "must have at least %d characters", minimum)
	case n > maximum:
		return errs.Invalid(field, "too_long", "must have at most %d characters", maximum)
	case !utf8.ValidString(s) || !text.OneLine(s) || n > 0 && text.Blank(s):
		return errs.Invalid(field, "invalid", "must be printable text on one line")
	}
	return nil
}

func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
