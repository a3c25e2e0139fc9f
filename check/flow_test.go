package check

var flowTrials []trial
