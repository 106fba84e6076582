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
// test of this package goes through one of 196 bytes. Numbers are unsigned
// varints, seven bits to a byte with the lowest first (encoding/binary), where
// nothing else is said; "u64" and "u32" are big-endian. A front-coded text is
// three things: how many bytes it shares with the text before it in the same
// table (0 for the first), how many bytes follow, and these.
//
//	magic           "griotsg2"
//	postings        by term:          conversations', then passages' stream
//	dictionary      by term:          front-coded term (the first of each block shares 0)
//	                                  conversations that have it
//	                                  passages that have it
//	                                  bytes of the conversations' stream
//	                                  bytes of the passages' stream
//	memory ids      by conversation:  by unit: bytes of the id, the id
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
// since the item before, plus 1 unless the term occurs once there:
//
//	2·gap    the length of the shortest passage that has it; it occurs once
//	2·gap+1  the length of the shortest passage that has it
//	         its weight in all passages (occurrences; in titles twice as many)
//	         how many passages have it
//	         the greatest weight in one passage
//
// It is all that upper bounds of scores are made of (package rank). The
// passages' stream has the entries of these passages: how many passages of the
// conversation were passed over since the entry before, then 0 and the one
// byte of the position when weight and bytes of positions are 1, which is by
// far the most; else the weight, the bytes of positions, and these: each
// position less the one before. Stop words, and terms that stand for several
// words, have a weight and no position.
//
// # What a reader reads
//
// A reader keeps tables, index and footer in memory ([Meta]): about 28
// bytes and the id for a conversation, 12 for a unit, 4 for a passage. For a term it reads one block of the dictionary and the term's
// postings; for a hit, the memory ids of its conversation. A merge reads whole
// objects.
package segment
