package check

var flowControls, availControls, xferControls []*Control
