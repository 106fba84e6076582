// Package segment is the format of a search segment: an immutable object that
// holds the postings of many units, a write-once inverted index of its own.
//
// A unit is a memory, or a conversation's own (its memory id is ""); it is cut
// into passages. Units are grouped by conversation. Conversations are numbered
// in the order of their ids, and passages through all units of a conversation.
// Its units are in the order of their memory ids in a segment that was built
// of rows, and in the order of the older segments in one that was merged. A
// unit without passages is a tombstone: it replaces what older segments have
// under its id, and has nothing to be found.
//
// # Format
//
// An object has five regions, one behind the other, and a footer. The
// test of this package goes through one of 226 bytes. Numbers are unsigned
// varints, seven bits to a byte with the lowest first (encoding/binary), where
// nothing else is said; "u64" and "u32" are big-endian. A front-coded text is
// three things: how many bytes it shares with the text before it in the same
// table (0 for the first), how many bytes follow, and these.
//
//	magic           "griotsg3"
//	postings        by term:          conversations', then passages' stream
//	dictionary      by term:          front-coded term (the first of each block shares 0)
//	                                  conversations that have it
//	                                  passages that have it
//	                                  bytes of the conversations' stream
//	                                  bytes of the passages' stream
//	memory ids      by conversation:  by unit: 0 for none; 1 and the 16 bytes of a UUID;
//	                                  or its bytes and 1 more, and the id
//	tables          by conversation:  front-coded id
//	                                  bytes of its memory ids
//	                                  units; by unit:
//	                                    FNV-1a of the memory id, u64
//	                                    passages; by passage: its length in words
//	index           blocks of the dictionary; by block:
//	                                  front-coded first term
//	                                  its place in the dictionary, less that of the block before
//	                                  the place of its postings, less that of the block before
//	footer          places of dictionary, memory ids, tables, index, each u64
//	                conversations, u64
//	                CRC-32 (IEEE) of tables and index, u32
//	                magic
//
// Terms ascend, and 64 of them make a block of the dictionary. A term's
// postings follow those of the term before, so that the dictionary has their
// lengths only.
//
// The conversations' stream has an item for each conversation that has the
// term, in order. It begins with twice the number of conversations passed over
// since the item before, plus 1 unless the term occurs once there; then it says in
// how many passages:
//
//	2·gap                it occurs once
//	2·gap+1  2·passages  it occurs once in each of them
//	                     the length of the shortest
//	         3           it occurs in one passage, more than once
//	                     its weight (occurrences; in titles twice as many)
//	         2·passages+1
//	                     its weight in all of them
//	                     the length of the shortest
//	                     the greatest weight in one
//
// With the length of a single passage, which its entry says, it is all that upper
// bounds of scores are made of (package rank). The passages' stream has the entries
// of these passages: each begins with four times the number of passages of the
// conversation that were passed over since the entry before, and a shape. What
// occurs once at a position of one byte, by far the most, has that byte behind it
// (shape 0); what occurs once without a position nothing (1); everything else its
// weight, the bytes of positions, and these: each position less the one before (2).
// Stop words, and terms that stand for several words, have a weight and no
// position.
//
// Segments of the format before, "griotsg2", are read as well (compat.go).
//
// # What a reader reads
//
// A reader keeps tables, index and footer in memory ([Meta]): about 28
// bytes and the id for a conversation, 12 for a unit, 4 for a passage. For a term it reads one block of the dictionary and the term's
// postings; for a hit, the memory ids of its conversation. A merge reads whole
// objects.
package segment
