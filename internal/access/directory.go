package access

import (
	"context"
	"fmt"
	"time"

	"griot/internal/table"
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

func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
