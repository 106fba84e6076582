package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"griot/infra/tenancy"
	"griot/internal/blob/dir"
	"griot/internal/disk"
	"griot/internal/errs"
)

func databasePath(data string) string { return filepath.Join(data, "griot.db") }

// otherData is what may be done about data that cannot be served.
const otherData = "put back a copy (backup makes them; see the runbook), or name another directory with -data to begin anew"

// checkThere makes sure that no new database is begun in the place of one that
// is gone: the keys of its env file would look as if they still worked.
func checkThere(data string) error {
	if strings.HasSuffix(data, incomplete) {
		return fmt.Errorf("%s is a copy that was not finished: make another one with backup", data)
	}
	if _, err := os.Stat(tenancy.Path(data)); err != nil {
		return ignoreMissing(err) // the first start
	}
	info, err := os.Stat(databasePath(data))
	switch {
	case os.IsNotExist(err):
		return fmt.Errorf("%s has an env file, but its database griot.db is gone: nothing was changed; %s", data, otherData)
	case err != nil:
		return fmt.Errorf("looking at the database: %w", err)
	case info.Size() == 0:
		return fmt.Errorf("%s has an env file, but its database griot.db is empty: nothing was changed; %s", data, otherData)
	}
	return nil
}

// checkKnown makes sure that the database is that of the env file.
func (h *host) checkKnown(ctx context.Context, last tenancy.Env) error {
	for _, t := range []tenancy.Tenant{last.First, last.Second} {
		if t.Workspace == "" {
			continue
		}
		_, err := h.Access.Workspace(ctx, t.Workspace)
		if errs.Is(err, errs.NotFound) {
			return fmt.Errorf("%s names the workspace %s, which griot.db beside it does not have: "+
				"one of the two files is of another directory; nothing was changed; %s", tenancy.Path(h.data), t.Workspace, otherData)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// explainOpen says what may be done about a data directory that cannot be
// opened.
func explainOpen(data string, err error) error {
	switch {
	case errors.Is(err, disk.ErrDamaged):
		return fmt.Errorf("%w\nNothing was changed. To see what is left: go run ./infra/local -data %s check. Then %s", err, data, otherData)
	case errors.Is(err, disk.ErrLocked):
		return fmt.Errorf("%w: another server runs on %s", err, data)
	case errors.Is(err, dir.ErrSecret):
		return fmt.Errorf("%w\nNothing was changed. What to do: %s", err, newSecret)
	}
	return err
}
