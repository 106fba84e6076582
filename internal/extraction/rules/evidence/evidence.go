// Package evidence judges how likely a sentence states a decision, an action
// or a problem, from cues in its words and from what the document is about.
package evidence

import "griot/internal/extraction/rules/sentence"

// Topics counts a document's content words.
type Topics struct{ words map[string]int }

// NewTopics returns empty counts.
func NewTopics() *Topics { return &Topics{map[string]int{}} }

// Learn counts the words of a sentence.
func (t *Topics) Learn(s sentence.Sentence) {}

// Score returns the judgement, 0 or more.
func (t *Topics) Score(s sentence.Sentence) float64 { return 0 }
