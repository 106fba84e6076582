package bolt

import (
	"crypto/rand"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"griot/internal/disk"
	"griot/internal/table"
)

// stores runs a benchmark with and without fsync; only writes differ.
func stores(b *testing.B, run func(b *testing.B, s *Store)) {
	for _, noSync := range []bool{false, true} {
		name := "sync"
		if noSync {
			name = "nosync"
		}
		b.Run(name, func(b *testing.B) {
			db := openFile(b, filepath.Join(b.TempDir(), "db"), disk.Options{NoSync: noSync})
			b.ReportAllocs()
			run(b, newStore(b, db, time.Now))
		})
	}
}

func benchKey(i int) table.Key {
	return table.Key{Table: table.Sessions, PK: "ws_01#ses_01", SK: fmt.Sprintf("seg#%08d", i)}
}

// benchAttrs is about what a head row holds: 10 attributes, 300 bytes.
func benchAttrs() table.Attrs {
	return table.Attrs{
		"status": "in_progress", "title": "Month-end close, walked through with the controller",
		"rev": int64(1), "last_seq": int64(4711), "text_bytes": int64(123456), "created": int64(1775052000123),
		"project": "prj_01HZX3K9M2Q4R5S6T7V8W9X0YZ", "template": "operational_workflow", "hash": make([]byte, 32),
	}
}

func fill(b *testing.B, s *Store, n int, attrs table.Attrs) {
	b.Helper()
	for from := 0; from < n; from += 50 {
		ops := []table.Op{}
		for i := from; i < min(from+50, n); i++ {
			ops = append(ops, table.Put(benchKey(i), attrs))
		}
		if err := s.Transact(b.Context(), ops); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
}

func BenchmarkGet(b *testing.B) {
	stores(b, func(b *testing.B, s *Store) {
		fill(b, s, 1000, benchAttrs())
		for i := 0; b.Loop(); i++ {
			if _, err := s.Get(b.Context(), benchKey(i%1000), table.Consistent); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkBatchGet100(b *testing.B) {
	stores(b, func(b *testing.B, s *Store) {
		fill(b, s, 1000, benchAttrs())
		keys := []table.Key{}
		for i := range 100 {
			keys = append(keys, benchKey(i*10))
		}
		for b.Loop() {
			if _, err := s.BatchGet(b.Context(), keys, table.Consistent); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkQuery(b *testing.B) {
	pages := []struct {
		name  string
		items int
		attrs table.Attrs
	}{
		{"100x300B", 100, benchAttrs()},
		{"10x100KB", 10, table.Attrs{"b": make([]byte, 100<<10)}},
	}
	for _, page := range pages {
		b.Run(page.name, func(b *testing.B) {
			stores(b, func(b *testing.B, s *Store) {
				fill(b, s, page.items, page.attrs)
				for b.Loop() {
					q := table.Query{Table: table.Sessions, PK: benchKey(0).PK, Limit: 100, Consistency: table.Consistent}
					if got, err := s.Query(b.Context(), q); err != nil || len(got.Items) != page.items {
						b.Fatal(len(got.Items), err)
					}
				}
			})
		})
	}
}

func BenchmarkPut(b *testing.B) {
	stores(b, func(b *testing.B, s *Store) {
		attrs := benchAttrs()
		for i := 0; b.Loop(); i++ {
			if _, err := s.Write(b.Context(), table.Put(benchKey(i), attrs, table.Absent())); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkPutParallel shows what writers gain from sharing an fsync.
func BenchmarkPutParallel(b *testing.B) {
	for _, writers := range []int{8, 64} {
		b.Run(fmt.Sprint(writers), func(b *testing.B) {
			stores(b, func(b *testing.B, s *Store) {
				attrs := benchAttrs()
				b.SetParallelism(writers / 2) // times GOMAXPROCS, 2 where this was measured
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						key := table.Key{Table: table.Sessions, PK: "ws_01", SK: rand.Text()}
						if _, err := s.Write(b.Context(), table.Put(key, attrs)); err != nil {
							b.Error(err)
						}
					}
				})
			})
		})
	}
}

func BenchmarkIncrement(b *testing.B) {
	stores(b, func(b *testing.B, s *Store) {
		fill(b, s, 1000, benchAttrs())
		for b.Loop() {
			if _, err := s.Write(b.Context(), table.Increment(benchKey(500), "n", 1)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkTransact writes like an append: a head under its version, and rows.
func BenchmarkTransact(b *testing.B) {
	for _, items := range []int{3, 70} {
		b.Run(fmt.Sprint(items), func(b *testing.B) {
			stores(b, func(b *testing.B, s *Store) {
				fill(b, s, 1, benchAttrs())
				attrs := benchAttrs()
				for i := 0; b.Loop(); i++ {
					rev := int64(i) + 1
					ops := []table.Op{table.Update(benchKey(0), table.Attrs{"rev": rev + 1}, table.Equal("rev", rev))}
					for n := range items - 1 {
						ops = append(ops, table.Put(benchKey(1+i*items+n), attrs))
					}
					if err := s.Transact(b.Context(), ops); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
