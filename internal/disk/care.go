package disk

import (
	"fmt"
	"os"

	"go.etcd.io/bbolt"
)

// Check looks at every page: whether it is what it should be, in its place and
// used once. It calls bad for what is not, and returns how many pages there
// are. In a file that is open for writing, writers wait meanwhile.
func (f *File) Check(bad func(problem string)) (pages int, err error) {
	err = f.View(func(tx *bbolt.Tx) error {
		pages = int(tx.Size() / int64(tx.DB().Info().PageSize))
		return f.touch(tx)
	})
	if err != nil { // bbolt's check would not survive that
		return pages, err
	}
	whole := func(tx *bbolt.Tx) error {
		for err := range tx.Check() {
			bad(err.Error())
		}
		return ErrUnchanged
	}
	if !f.db.IsReadOnly() { // the list of free pages must stand still
		return pages, f.Update(whole)
	}
	if err = f.View(whole); err == ErrUnchanged {
		err = nil
	}
	return pages, err
}

// touch reads all that is in the file.
func (f *File) touch(tx *bbolt.Tx) error {
	var visit func(*bbolt.Bucket) error
	visit = func(b *bbolt.Bucket) error {
		return b.ForEach(func(k, v []byte) error {
			if v == nil {
				return visit(b.Bucket(k))
			}
			return nil
		})
	}
	return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error { return visit(b) })
}

// Copy writes the file as it is at this moment to a new one. Others go on
// reading and writing.
func (f *File) Copy(path string) error {
	err := f.View(func(tx *bbolt.Tx) error {
		out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		defer out.Close()
		if _, err := tx.WriteTo(out); err != nil {
			return err
		}
		if err := out.Sync(); err != nil {
			return err
		}
		return out.Close()
	})
	if err != nil {
		return fmt.Errorf("copying the data file: %w", err)
	}
	return nil
}
