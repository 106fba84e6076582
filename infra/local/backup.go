package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"griot/infra/tenancy"
	"griot/internal/blob/dir"
	"griot/internal/disk"
)

// incomplete ends the name of a copy that is not whole.
const incomplete = ".incomplete"

// backup copies a data directory to a new one: the database as it is at one
// moment, the env file with its keys, the audit, and the objects, none of
// which is deleted meanwhile. Then it checks the copy. Until that is whole its name
// ends otherwise.
func backup(ctx context.Context, data string, db *disk.File, to string, out io.Writer) error {
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already, and nothing is overwritten: name a new directory", to)
	}
	part := to + incomplete
	err := os.Mkdir(part, 0o700)
	switch {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%s is there: another backup to this place runs, or was cut off; then remove it", part)
	case err != nil:
		return fmt.Errorf("making the copy: %w", err)
	}
	if err := copyData(ctx, data, db, part); err != nil {
		return errors.Join(err, os.RemoveAll(part))
	}
	if err := checkCopy(ctx, part, out); err != nil {
		return fmt.Errorf("the copy has what is wrong with the data too, and keeps the name %s: %w", part, err)
	}
	if err := os.Rename(part, to); err != nil {
		return fmt.Errorf("naming the copy: %w", err)
	}
	if err := syncDirectory(filepath.Dir(to)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s is a whole copy: go run ./infra/local -data %s serves it\n", to, to)
	return err
}

// copyData takes the database first: an object that it names is there, for
// none is deleted any more, and one that comes later does no harm.
func copyData(ctx context.Context, data string, db *disk.File, to string) error {
	if err := db.Copy(databasePath(to)); err != nil {
		return err
	}
	if err := dir.Copy(ctx, objectsPath(data), objectsPath(to)); err != nil {
		return err
	}
	if err := copyAudit(data, to); err != nil {
		return err
	}
	env, err := tenancy.Read(data)
	if err != nil {
		return err
	}
	if env.Base != "" {
		if err := env.Write(to); err != nil {
			return err
		}
	}
	return syncDirectory(to)
}

func checkCopy(ctx context.Context, data string, out io.Writer) error {
	db, err := openToRead(data)
	if err != nil {
		return err
	}
	return errors.Join(check(ctx, data, db, out), db.Close())
}

// syncDirectory makes the names in a directory durable.
func syncDirectory(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("making the copy durable: %w", err)
	}
	return nil
}
