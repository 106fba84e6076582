package dir_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"griot/internal/blob"
	"griot/internal/blob/dir"
)

var sizes = []int{1 << 10, 1 << 20, 64 << 20}

func BenchmarkPut(b *testing.B) {
	for _, noSync := range []bool{false, true} {
		for _, size := range sizes {
			b.Run(fmt.Sprintf("nosync=%v/%dKB", noSync, size>>10), func(b *testing.B) {
				s := open(b, b.TempDir(), dir.Options{NoSync: noSync})
				content := bytes.Repeat([]byte("x"), size)
				b.SetBytes(int64(size))
				for n := 0; b.Loop(); n++ {
					key := fmt.Sprintf("a/b/%d", n%50)
					if _, err := s.Put(b.Context(), key, bytes.NewReader(content), int64(size), blob.Put{}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkPutNewDirectory writes each object into a directory of its own,
// as sessions do.
func BenchmarkPutNewDirectory(b *testing.B) {
	s := open(b, b.TempDir(), dir.Options{})
	for n := 0; b.Loop(); n++ {
		put(b, s, fmt.Sprintf("ws_1/ses_%d/transcript.json", n), "{}")
	}
}

func BenchmarkGet(b *testing.B) {
	for _, size := range sizes {
		b.Run(fmt.Sprintf("%dKB", size>>10), func(b *testing.B) {
			s := open(b, b.TempDir(), dir.Options{NoSync: true})
			put(b, s, "a/b/c", string(bytes.Repeat([]byte("x"), size)))
			b.SetBytes(int64(size))
			for b.Loop() {
				r, _, err := s.Get(b.Context(), "a/b/c")
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, r); err != nil {
					b.Fatal(err)
				}
				r.Close()
			}
		})
	}
}

func BenchmarkStat(b *testing.B) {
	s := open(b, b.TempDir(), dir.Options{NoSync: true})
	put(b, s, "a/b/c/d", "x")
	for b.Loop() {
		if _, err := s.Stat(b.Context(), "a/b/c/d"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkList reads a full page from the middle of 10,000 objects.
func BenchmarkList(b *testing.B) {
	s := open(b, b.TempDir(), dir.Options{NoSync: true})
	for n := range 10_000 {
		put(b, s, fmt.Sprintf("a/%04d", n), "x")
	}
	for b.Loop() {
		objects, more, err := s.List(b.Context(), "a/", "a/5000")
		if len(objects) != blob.MaxList || !more || err != nil {
			b.Fatal(len(objects), more, err)
		}
	}
}

func BenchmarkUpload(b *testing.B) {
	s := serve(b, b.TempDir(), false)
	content := string(bytes.Repeat([]byte("x"), 100<<10))
	b.SetBytes(int64(len(content)))
	for n := 0; b.Loop(); n++ {
		p := s.sign(b, fmt.Sprintf("uploads/ws_1/%d", n), blob.SignPut{Size: int64(len(content))})
		if resp, answer := send(b, p, content, nil); resp.StatusCode != 200 {
			b.Fatal(resp.StatusCode, answer)
		}
	}
}
