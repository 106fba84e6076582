// Package disk is what the embedded drivers have in common: the bbolt file
// that they share, and the words for a disk that takes no writes or gives back
// something else than was written.
package disk

import (
	"errors"
	"strings"
	"syscall"

	"griot/internal/errs"
)

// refusals are the ways in which a disk takes no writes, each in a sentence
// for the client. What fails with EIO may or may not be there afterwards.
var refusals = []struct {
	errno    syscall.Errno
	sentence string
}{
	{syscall.ENOSPC, "the server's disk is full: nothing was stored, and everything stored before can still be read"},
	{syscall.EDQUOT, "the server's disk quota is used up: nothing was stored, and everything stored before can still be read"},
	{syscall.EFBIG, "the server may make its files no larger: nothing was stored, and everything stored before can still be read"},
	{syscall.EROFS, "the server's disk is read-only: nothing was stored, and everything stored before can still be read"},
	{syscall.EIO, "the server's disk has failed to write: look whether this was stored before you send it again"},
}

// Explain makes an [errs.InsufficientStorage] of the error of a write that the
// disk refused; other errors it returns as they are.
func Explain(err error) error {
	if err == nil || errs.As(err) != nil {
		return err
	}
	for _, r := range refusals {
		if is(err, r.errno) {
			return errs.Wrap(errs.InsufficientStorage, err, "%s", r.sentence)
		}
	}
	return err
}

// is also looks at the text: bbolt wraps some errors of its file with %s.
func is(err error, errno syscall.Errno) bool {
	return errors.Is(err, errno) || strings.HasSuffix(err.Error(), ": "+errno.Error())
}
