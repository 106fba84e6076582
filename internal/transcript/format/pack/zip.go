package pack

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"path"
	"strings"

	"griot/internal/transcript/format/source"
)

const (
	maxPacked  = 3     // how many times the limit of its text an archive has at most
	maxEntries = 4_096 // of an archive
)

// IsZip recognises a zip archive by the first bytes of a file.
func IsZip(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06"))
}

// Archive is a zip archive in memory. Its entries are unpacked as they are
// read; what its directory says of their sizes is not believed.
type Archive struct {
	entries map[string]*zip.File
	files   []string
	limit   int64
}

// Open reads the directory of an archive for a text of at most limit bytes.
func Open(r io.Reader, limit int64) (*Archive, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxPacked*limit+1))
	if err != nil {
		return nil, fmt.Errorf("reading the file: %w", err)
	}
	if int64(len(data)) > maxPacked*limit {
		return nil, (&source.Source{Limit: limit}).TooLarge()
	}
	if bytes.Count(data, []byte("PK\x01\x02")) > maxEntries { // before memory is taken for them
		return nil, source.NewError(source.TooLarge, 0, fmt.Sprintf("The file is a zip archive of more than %d files; upload the transcript by itself.", maxEntries))
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, damaged()
	}
	a := &Archive{entries: map[string]*zip.File{}, limit: limit}
	for _, f := range z.File {
		name := strings.ReplaceAll(f.Name, `\`, "/")
		if a.entries[name] != nil {
			continue
		}
		a.entries[name] = f
		if !strings.HasSuffix(name, "/") && !isLitter(name) {
			a.files = append(a.files, name)
		}
	}
	return a, nil
}

// isLitter recognises what systems leave in archives.
func isLitter(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(name, "__MACOSX/") || strings.HasPrefix(base, ".") || base == "Thumbs.db" || base == "desktop.ini"
}

// Files are the names of what the archive holds, but for folders and what
// systems leave in archives.
func (a *Archive) Files() []string { return a.files }

// Has reports whether there is an entry of that name.
func (a *Archive) Has(name string) bool { return a.entries[name] != nil }

// Part unpacks an entry. Its errors come when it is read.
func (a *Archive) Part(name string) io.Reader {
	f := a.entries[name]
	if f == nil {
		return strings.NewReader("")
	}
	if f.Flags&1 != 0 {
		return failing{source.NewError(source.UnsupportedFormat, 0, "The file is a zip archive with a password; upload it without one.")}
	}
	if f.Method != zip.Store && f.Method != zip.Deflate {
		return failing{source.NewError(source.UnsupportedFormat, 0, "The file is a zip archive that is packed in an unusual way; unpack it and upload what is in it.")}
	}
	return newUnpacked(&watched{}, a.limit, func() (io.Reader, error) { return f.Open() })
}

// failing is a reader that only has an error.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
