package dir

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"griot/internal/blob"
)

// Hold keeps all objects from being deleted until it is released: a Delete
// waits. So what a table names at a moment of the hold can be read until its
// end.
func (s *Store) Hold() (release func()) {
	s.deleting.Lock()
	return s.deleting.Unlock
}

// Scan reads every object in a store's directory, whether or not a store is
// open on it, and compares it with its checksum. It calls each with what it
// found, and the error of an object that is damaged or cannot be read.
func Scan(ctx context.Context, directory string, each func(object blob.Info, err error)) error {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return fmt.Errorf("opening the object directory: %w", err)
	}
	defer root.Close()
	return eachObject(ctx, root, func(name, key string) error {
		info, err := verify(ctx, root, name, key)
		if errors.Is(err, blob.ErrNotFound) { // deleted meanwhile
			return nil
		}
		each(info, err)
		return ctx.Err()
	})
}

// eachObject calls fn with the file and key of every object.
func eachObject(ctx context.Context, root *os.Root, fn func(name, key string) error) error {
	err := fs.WalkDir(root.FS(), objects, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // pruned meanwhile
		}
		if err != nil || name == objects {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		_, mark, ok := parseName(d.Name())
		if !ok || d.IsDir() == (mark == objectMark) {
			if d.IsDir() {
				return fs.SkipDir // nothing of ours
			}
			return nil
		}
		if d.IsDir() {
			return nil
		}
		return fn(name, keyOf(name))
	})
	if err != nil {
		return fmt.Errorf("going through the objects: %w", err)
	}
	return nil
}

// keyOf undoes objectName.
func keyOf(name string) string {
	var key strings.Builder
	for element := range strings.SplitSeq(strings.TrimPrefix(name, objects+"/"), "/") {
		text, mark, _ := parseName(element)
		key.WriteString(text)
		if mark == dirMark {
			key.WriteByte('/')
		}
	}
	return key.String()
}

func verify(ctx context.Context, root *os.Root, name, key string) (blob.Info, error) {
	f, info, err := openObject(root, name, key)
	if err != nil {
		return blob.Info{Key: key}, err
	}
	defer f.Close()
	hash := sha256.New()
	content := io.NewSectionReader(f, 0, info.Size)
	if _, err := io.CopyBuffer(hash, contextReader{ctx, content}, make([]byte, copyBuffer)); err != nil {
		return info, fmt.Errorf("reading object %s: %w", key, err)
	}
	if hex.EncodeToString(hash.Sum(nil)) != info.ETag {
		return info, fmt.Errorf("object %s is not what its checksum says", key)
	}
	return info, nil
}

// Copy copies the objects and the secret of a store's directory to another
// one, which it makes, durably and byte by byte. Hold a store that is open.
func Copy(ctx context.Context, from, to string) error {
	source, err := os.OpenRoot(from)
	if err != nil {
		return fmt.Errorf("opening the object directory: %w", err)
	}
	defer source.Close()
	target, err := Open(to, Options{})
	if err != nil {
		return err
	}
	defer target.Close()
	if err := target.copyFile(ctx, source, secretFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err // without one the copy has the one that Open made
	}
	return eachObject(ctx, source, func(name, _ string) error { return target.copyFile(ctx, source, name) })
}

// copyFile takes over a file of another directory under the same name.
func (s *Store) copyFile(ctx context.Context, source *os.Root, name string) error {
	in, err := source.Open(name)
	if err != nil {
		return fmt.Errorf("copying objects: %w", err)
	}
	defer in.Close()
	spooled := path.Join(temp, "copy")
	out, err := s.root.OpenFile(spooled, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("copying objects: %w", err)
	}
	defer out.Close()
	_, err = io.CopyBuffer(out, contextReader{ctx, in}, make([]byte, copyBuffer))
	if err == nil {
		err = out.Sync()
	}
	if err == nil {
		err = s.publish(spooled, name, false)
	}
	if err != nil {
		return fmt.Errorf("copying objects: %w", err)
	}
	return nil
}
