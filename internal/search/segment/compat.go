package segment

import "griot/internal/search/posting"

// Segments of the format before ("griotsg2") are read, and merges make new ones
// of them. They differ in three things: a memory's id stands behind its length
// whatever it is; an item has the length of the shortest passage always, and its
// counts otherwise; and entries are as in rows (posting.AppendEntry).

func readMemory2(r *posting.Reader) string { return string(r.Bytes(r.Count())) }

// readItem2 reads an item, its Conversation as List.item does.
func readItem2(r *posting.Reader) Item {
	step := r.Uvarint(1 << 33)
	item := Item{uint32(step >> 1), 1, 1, 1, uint32(r.Uvarint(1 << 20))}
	if step&1 == 1 {
		item.Weight = uint32(r.Uvarint(1 << 31))
		item.Passages = uint32(r.Uvarint(1 << 31))
		item.Most = uint32(r.Uvarint(1 << 31))
	}
	return item
}

func skipEntries2(r *posting.Reader, n uint32) {
	for ; n > 0 && r.Err() == nil; n-- {
		r.SkipEntry()
	}
}
