// Package rank finds the conversations, or the memories, that match a query
// best, in a snapshot of the index.
//
// # Scores
//
// Ranking is BM25 twice: over a conversation as one text, and over its
// passages, of which the best three count. The first tells what a conversation
// is about, the second finds the one place in a long one where something is
// said. (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25
// and Beyond", 2009.) For a query of terms t with weights q(t):
//
//	score(c) = Σt q(t)·idf(t)·tf(w(t,c), norm(c)) + 0.8·best(P1, P2, …)
//	Pi       = Σt p(t,i) + 0.3·Σab min(p(a,i), p(b,i))    of passage i
//	p(t,i)   = q(t)·idf'(t)·tf(w(t,i), norm'(i))
//	best     = the greatest + ½ of the second + ¼ of the third
//	tf(w, n) = w·(k1+1) / (w + k1·n)
//	norm(c)  = 1 − b + b·length(c)/average length
//
// w is how often a term occurs (in titles twice as often), idf and idf' are
// those among conversations and among passages; terms that stand for one word
// of the query have that of all of them together. a and b are neighbours in the
// query that stand beside each other in the passage as well. A memory's score is
// that of its best passage. bm25.go has the parameters and where they come from.
//
// # Near terms
//
// A word of which the index knows no term has up to six terms of the dictionary
// in its place that are near it, and words that are not English have three beside
// their own (package analysis says what is near, and decision 0028 why). The
// dictionary is in order, so what begins like a word is one range of it: at most
// 32 blocks of 64 terms in each segment, the longer the beginning the fewer.
// Only for a word without a good one of these, single blocks are read where
// it would stand with other first letters. A small dictionary is read whole, and
// nothing else is missed there.
//
// # Phrases
//
// What must or must not stand in a text counts nothing, and is found out from
// positions when a candidate is scored. So bounds hold. Those that stand in one
// segment alone and lack a required word are none.
//
// # Upper bounds
//
// Few conversations are scored. First each gets a bound, a number that its
// score does not exceed, from what the first stream of a list says (package
// segment): for a term t and a conversation its weight w, the number n of
// passages that have it, the greatest weight m in one passage, and the length s
// of the shortest. The bound is a sum over terms, each rounded up to a byte. It
// is safe, because
//
//  1. tf grows with w and falls as the norm grows, and norms grow with lengths.
//     So tf(m, norm'(s)) is not below tf of any passage of the conversation.
//  2. best is subadditive: best(x+y) ≤ best(x) + best(y). It is the greatest of
//     all sums that give the shares 1, ½ and ¼ to three different passages
//     (the greatest share to the greatest score is the best one can do), and the
//     greatest sum of two parts is at most the sum of the greatest of each.
//     So the best passages of all terms count at most what the sum over terms
//     does, of that term's best passages alone: at most tf(m, norm'(s)) times
//     1, 1½ or 1¾, for n of 1, 2, or more.
//  3. The lists in the cache are made for many queries, with averages rounded
//     up. Greater averages make smaller norms, and so, by 1, greater bounds.
//  4. A conversation that is split, over several segments or the tail, may have
//     units there that newer ones replace. Its weight is at most the sum of
//     those of its parts. Its length is known if only segments have it; a row
//     of the tail may replace the longest unit, so then it is taken to be 0.
//     Its best passages count at most, by 2, the sum of what those of its
//     parts do, and at most 1¾ times its best passage, of which the greatest
//     bound of a part is one.
//  5. Weights are capped at 255. A capped weight counts as unlimited where it is
//     added up; elsewhere tf was computed before.
//  6. A pair counts a part of the lesser of its terms, so of either. It is added
//     to that with the less idf', everywhere.
//  7. Sums are of float32. Each of at most 64 terms adds two numbers, each a
//     rounding of 2⁻²⁴, together less than 1e-5 of the sum: that is added.
//     Sums over the parts of a split conversation round as well, but more than
//     three parts exceed what their best three passages count by more than
//     that.
//
// # The best k
//
// Candidates, which have any term, are taken in the order of their bounds and
// scored, in batches. The best of those that are scored is the next hit as soon
// as its score is greater than the bound of the best that is not. Only a heap
// of the candidates above a threshold is built at first, which about a thousand
// reach; the others are looked at if that was not enough. So hits come one by
// one, as many as the caller wants, and what is far below them is never scored.
package rank
