package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"griot/internal/disk"
	"griot/internal/operator"
)

// care runs check or backup: in the running server, else on its directory.
func care(ctx context.Context, o options, args []string, out io.Writer) error {
	if o.stack != "" || o.data == nowhere {
		return fmt.Errorf("%s is for a data directory on this machine", args[0])
	}
	args, err := careArgs(args)
	if err != nil {
		return err
	}
	err = operator.Call(ctx, socketPath(o.data), args, out)
	if !errors.Is(err, operator.ErrNoServer) {
		return err
	}
	db, err := openToRead(o.data)
	if errors.Is(err, disk.ErrDamaged) && args[0] == "check" {
		return checkObjects(ctx, o.data, err, out)
	}
	if err != nil {
		return explainOpen(o.data, err)
	}
	return errors.Join(careFor(ctx, o.data, db, args, out), db.Close())
}

// careArgs makes the directory of a backup absolute: the server has another
// working directory.
func careArgs(args []string) ([]string, error) {
	switch {
	case args[0] == "check" && len(args) == 1:
		return args, nil
	case args[0] == "check":
		return nil, errors.New("check takes no arguments; -data names the directory, before the command")
	case len(args) != 2 || args[1] == "":
		return nil, errors.New("backup wants the name of a new directory")
	}
	to, err := filepath.Abs(args[1])
	return []string{args[0], to}, err
}

func careFor(ctx context.Context, data string, db *disk.File, args []string, out io.Writer) error {
	if args[0] == "backup" {
		return backup(ctx, data, db, args[1], out)
	}
	return check(ctx, data, db, out)
}

// command runs an operator's command that came over the socket. It ends with
// the server, however long it would take.
func (h *host) command(ctx, server context.Context, args []string, out io.Writer) error {
	if len(args) == 0 || args[0] != "check" && args[0] != "backup" {
		return operator.Run(ctx, h.desk(), args, out)
	}
	args, err := careArgs(args)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(server, cancel)()
	defer h.Blobs.Hold()()
	return careFor(ctx, h.data, h.db, args, out)
}
