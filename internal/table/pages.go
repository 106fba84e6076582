package table

import (
	"context"
	"iter"
)

// Pages yields the pages of a query one after the other, each read when it is
// asked for; after an error nothing follows.
func Pages(ctx context.Context, s Store, q Query) iter.Seq2[[]Item, error] {
	return func(yield func([]Item, error) bool) {
		for {
			page, err := s.Query(ctx, q)
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(page.Items, nil) || page.Next == "" {
				return
			}
			q.After = page.Next
		}
	}
}

// All yields the items of all pages of a query; after an error nothing follows.
func All(ctx context.Context, s Store, q Query) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for items, err := range Pages(ctx, s, q) {
			if err != nil {
				yield(Item{}, err)
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}

// ReadAll returns the items of all pages of a query.
func ReadAll(ctx context.Context, s Store, q Query) ([]Item, error) {
	var all []Item
	for items, err := range Pages(ctx, s, q) {
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
	}
	return all, nil
}
