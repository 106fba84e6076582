package blob

import (
	"context"
	"fmt"
)

// DeleteBelow deletes all objects whose keys begin with prefix. What it has not
// got to when it fails is there still.
func DeleteBelow(ctx context.Context, s Store, prefix string) error {
	for {
		objects, more, err := s.List(ctx, prefix, "")
		if err != nil {
			return fmt.Errorf("listing objects to delete: %w", err)
		}
		for _, o := range objects {
			if err := s.Delete(ctx, o.Key); err != nil {
				return fmt.Errorf("deleting an object: %w", err)
			}
		}
		if !more {
			return nil
		}
	}
}
