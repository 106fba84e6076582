package token

import (
	"strings"
	"sync"
)

// The lists are parsed when a word is first looked up: functions that link this
// package and index nothing start without them.

// stopWords are function words. "may" is not one: it is a month.
var stopWords = sync.OnceValue(func() map[string]bool {
	return set(`
a an the and or but nor if then else so than as of to in on at by for with from into onto about over under out up down
off upon between through during before after above below again against
is are was were be been being am isn aren wasn weren do does did doing done don doesn didn has have had having hasn
haven hadn can could couldn will would wouldn shall should shouldn might must mustn won
i me my mine myself you your yours yourself he him his himself she her hers herself it its itself we us our ours
ourselves they them their theirs themselves
this that these those there here what which who whom whose when where why how
not no yes all any both each few more most other some such only own same too very just also ever
because while until let
`)
})

// irregular maps irregular forms to their base, if their stems differ.
var irregular = sync.OnceValue(func() map[string]string {
	return forms(`
arise:arose,arisen awake:awoke,awoken bear:bore,borne beat:beaten become:became begin:began,begun bend:bent
bind:bound bite:bit,bitten bleed:bled blow:blew,blown break:broke,broken breed:bred bring:brought build:built
burn:burnt buy:bought catch:caught choose:chose,chosen cling:clung come:came creep:crept deal:dealt dig:dug
draw:drew,drawn dream:dreamt drink:drank,drunk drive:drove,driven eat:ate,eaten fall:fell,fallen feed:fed feel:felt
fight:fought find:found flee:fled fling:flung fly:flew,flown forbid:forbade,forbidden forget:forgot,forgotten
forgive:forgave,forgiven freeze:froze,frozen get:got,gotten give:gave,given go:went,gone,goes grow:grew,grown
hang:hung hear:heard hide:hid,hidden hold:held keep:kept kneel:knelt know:knew,known lay:laid lead:led lean:leant
leap:leapt learn:learnt leave:left lend:lent light:lit lose:lost make:made mean:meant meet:met mistake:mistook,mistaken
overcome:overcame pay:paid prove:proven ride:rode,ridden ring:rang,rung rise:rose,risen run:ran say:said see:saw,seen
seek:sought sell:sold send:sent sew:sewn shake:shook,shaken shoot:shot show:shown shrink:shrank,shrunk sing:sang,sung
sink:sank,sunk sit:sat sleep:slept slide:slid smell:smelt speak:spoke,spoken spell:spelt spend:spent spill:spilt
spin:spun spit:spat spoil:spoilt spring:sprang,sprung stand:stood steal:stole,stolen stick:stuck sting:stung
strike:struck,stricken strive:strove,striven swear:swore,sworn sweep:swept swell:swollen swim:swam,swum swing:swung
take:took,taken teach:taught tear:tore,torn tell:told think:thought throw:threw,thrown
understand:understood undertake:undertook,undertaken undo:undid,undone wake:woke,woken wear:wore,worn weave:wove,woven
weep:wept win:won withdraw:withdrew,withdrawn write:wrote,written
child:children man:men woman:women person:people foot:feet tooth:teeth mouse:mice goose:geese life:lives wife:wives
knife:knives leaf:leaves half:halves shelf:shelves thief:thieves wolf:wolves loaf:loaves calf:calves
`)
})

func set(words string) map[string]bool {
	m := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		m[word] = true
	}
	return m
}

func forms(list string) map[string]string {
	m := map[string]string{}
	for entry := range strings.FieldsSeq(list) {
		base, others, _ := strings.Cut(entry, ":")
		for form := range strings.SplitSeq(others, ",") {
			m[form] = base
		}
	}
	return m
}
