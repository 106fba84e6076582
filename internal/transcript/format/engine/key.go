package engine

import (
	"strings"
	"sync"
)

// field is what a member of an object says.
type field uint8

const (
	unknown     field = iota
	textField         // words
	nameField         // who speaks, by name
	labelField        // who speaks, as a name or as a mark of the engine's
	personField       // who speaks, as the id of somebody who is named elsewhere
	channelField
	roleField
	ownName        // the object's name, which may be that of who speaks
	ownID          // the object's id
	startField     // when the words begin
	endField       // when they end
	spanField      // both, or only the beginning
	lengthField    // how long they take
	fromField      // `from`: a time, or who wrote a message
	partsField     // the words that an utterance consists of
	sentencesField // the same, as sentences
	firstField     // alternatives, the likeliest first
	channelList    // what is said, channel by channel
	peopleField    // names of those who speak
	typeField
	subtypeField
	finalField    // false: words that come again
	partialField  // true: words that come again
	translated    // words that nobody said
	silenceField  // how likely it is that nobody speaks
	surenessField // the mean logarithm of the probabilities of the words
	attachesField // where a punctuation mark has no space
	languageField
	aside // what is not the transcript, whatever is in it
)

// alias says what a key means. Of several that mean the same, the one with the
// highest rank is taken.
type alias struct {
	field field
	rank  int8
	unit  float64 // of times: milliseconds of one; 0 where the key does not say
}

// Ranks of text. Below strong, words are only believed of objects that say who
// speaks or when.
const (
	spelled = 1 // as it was heard, without punctuation
	weak    = 2
	strong  = 4
	written = 5 // with punctuation
)

const (
	seconds = 1000
	ticks   = 1e-4 // of Windows, 100 ns
)

// aliases is the one table of keys, as [plain] writes them.
var aliases = sync.OnceValue(func() map[string]alias {
	m := map[string]alias{}
	add := func(f field, rank int8, unit float64, keys string) {
		for key := range strings.FieldsSeq(keys) {
			m[key] = alias{f, rank, unit}
		}
	}
	add(textField, written, 0, "punctuatedword display displaytext")
	add(textField, strong, 0, "text transcript utterance sentence body segment utf8 fulltranscript transcription")
	add(textField, weak+1, 0, "word phrase token term content value")
	add(textField, weak, 0, "message msg caption line said dialogue speech snippet")
	add(textField, spelled, 0, "rawtext lexical itn maskeditn plaintext")

	add(nameField, 3, 0, "speakername participantname realname speakerfullname fullname userprofile profile signedinuser anonymoususer phoneuser")
	add(nameField, 2, 0, "speakerdisplayname displayname nickname globalname")
	add(nameField, 1, 0, "username author authorname sender sendername fromname")
	add(labelField, 3, 0, "speaker speakerlabel participant spk who")
	add(labelField, 2, 0, "participantrole source")
	add(personField, 2, 0, "speakerid speakertag participantid userid fromid authorid senderid spkid speakernumber speakeridx speakerindex")
	add(personField, 1, 0, "user")
	add(roleField, 1, 0, "role")
	add(channelField, 2, 0, "channel channelid channelindex channeltag channellabel channelnumber")
	add(ownName, 1, 0, "name")
	add(ownID, 1, 0, "id key label")

	add(spanField, 7, 1, "offsets")
	add(startField, 6, 1, "startms starttimems startmillis startmilliseconds startoffsetms beginoffsetmillis timestampms timems tsms offsetmilliseconds offsetms offsetmillis tstartms")
	add(startField, 6, seconds, "startsec startseconds startsecs starttimesec starttimeseconds starttimesecs startinseconds")
	add(startField, 6, ticks, "offsetinticks")
	add(startField, 6, 10, "t0")
	add(startField, 5, 0, "start begin")
	add(startField, 4, 0, "starttime begintime starttimeoffset starttimestamp startts timestart")
	add(fromField, 4, 0, "from")
	add(startField, 3, 0, "offset ts datastart")
	add(spanField, 3, 0, "timestamp time timestamps timecode")
	add(startField, 2, 0, "startoffset dateunixtime")
	add(startField, 1, 0, "date datetime createdat createddatetime sentat absolutestarttime")
	add(endField, 6, 1, "endms endtimems endmillis endmilliseconds endoffsetms endoffsetmillis")
	add(endField, 6, seconds, "endsec endseconds endsecs endtimesec endtimeseconds endtimesecs endinseconds")
	add(endField, 6, 10, "t1")
	add(endField, 5, 0, "end stop")
	add(endField, 4, 0, "endtime stoptime endtimeoffset endtimestamp endts to timeend")
	add(endField, 3, 0, "dataend resultendtime resultendoffset")
	add(endField, 2, 0, "endoffset")
	add(lengthField, 6, 1, "durationms durationmillis durationmilliseconds ddurationms audiodurationms totalconversationdurationmillis")
	add(lengthField, 6, seconds, "durationseconds durationsec durationsecs audiodurationseconds")
	add(lengthField, 5, ticks, "durationinticks")
	add(lengthField, 4, 0, "duration dur audioduration")

	add(partsField, 1, 0, "words tokens items elements segs wordsegments wordlist terms")
	add(sentencesField, 1, 0, "sentences")
	add(firstField, 1, 0, "alternatives nbest")
	add(channelList, 1, 0, "channels transcripts")
	add(peopleField, 1, 0, "speakers participants users attendees meetingattendees parties members speakermap speakernames speakermapping speakermappings")
	add(typeField, 1, 0, "type")
	add(subtypeField, 1, 0, "subtype")
	add(finalField, 1, 0, "isfinal final")
	add(partialField, 1, 0, "ispartial")
	add(translated, 1, 0, "translationstatus")
	add(attachesField, 1, 0, "attachesto")
	add(silenceField, 1, 0, "nospeechprob")
	add(surenessField, 1, 0, "avglogprob")
	add(languageField, 1, 0, "language languagecode detectedlanguage lang locale")

	add(aside, 1, 0, `translation translations summary summaries summarization chapters chaptersummaries highlights
		autohighlightsresult actionitems keyquestions keypoints topics topicsegments intents sentiments
		sentimentanalysis sentimentanalysisresults entities namedentityrecognition iabcategoriesresult
		contentsafetylabels speechoutline outline categories conversationcharacteristics contentmetadata
		blocks attachments reactions replies files edits textentities pens wpwinpositions wswinstyles
		params systeminfo bookmarks comments notes markers aifilters analytics sentimentscores
		embedding embeddings speakerembeddings characters chars phonemes loudnessscores issuesdetected
		displaywords displayphraseelements itnwords lexicalwords
		redaction redactions extradata userdata rawresponse`)
	return m
})

// plain writes a key as the table has it: startTime, start_time and Start-Time
// are the same.
func plain(key string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == ' ' || r == '.' {
			return -1
		}
		return r
	}, key))
}

// listRanks say how well what is under a name serves as a transcript. Lists of
// other names serve where there is nothing else.
var listRanks = sync.OnceValue(func() map[string]int {
	m := map[string]int{}
	add := func(rank int, names string) {
		for name := range strings.FieldsSeq(names) {
			m[name] = rank
		}
	}
	m[""] = utterances // the file is the list
	add(utterances, `utterances segments transcription monologues speakerblocks transcriptentries phrases recognizedphrases
		audiosegments transcript transcripts transcriptsegments captions cues dialogue conversation turns chunks snippets
		segment transcriptionsegments utterance`)
	add(anything, "speakers messages events results entries data items lines content value values timeline records rows list")
	add(paragraphs, "paragraphs")
	add(sentences, "sentences")
	add(wordList, "words tokens result wordsegments elements word alignment wordlist terms")
	return m
})

// Ranks of lists.
const (
	unnamed = iota
	wordList
	sentences
	paragraphs
	anything // names that say nothing
	utterances
)

// wholes are lists of text that other lists have with times.
var wholes = sync.OnceValue(func() map[string]bool {
	return map[string]bool{"combinedphrases": true, "combinedrecognizedphrases": true}
})
