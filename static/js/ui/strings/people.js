/** Texts about people: dialogs, members, safety numbers, requests. */

export const people = {
  working: "Working …",
  backTo: (/** @type {string} */ name) => `Back to ${name}`,
  tickFirst: "Tick the box to go on.",
  typeWord: (/** @type {string} */ word) => `Type “${word}” to go on.`,
  typeSomething: "Fill this in to go on.",
  loading: "Loading …",
  leaveTitle: "Leave this room?",
  /** A room of two people is a conversation. */
  direct: {
    title: "This conversation",
    people: "Both of you",
    leave: "Leave this conversation",
    leaveTitle: "Leave this conversation?",
    leaveAsk:
      "You will not get its messages any more. This browser keeps what you could read; you can remove it in the list of rooms.",
    close: "Close this conversation",
    closeTitle: "Close this conversation for both of you?",
    closeAsk: [
      "Neither of you can write or read here any more, and the server deletes the messages. Exported copies remain.",
      "This cannot be undone.",
    ],
    closeCheck: "Delete the conversation for both of us",
    rules: "Rules of this conversation",
    readOnly: "Only the person who began the conversation can change them.",
  },
  handOver: {
    title: "Who takes over?",
    text: [
      "You own this room. Choose who owns it after you; then you leave.",
      "They can change its rules, remove members and close it. You will not get its messages any more.",
    ],
    label: "New owner",
    confirm: "Hand over and leave",
    nobody: "You own this room, and nobody can take it over yet, so you cannot leave it.",
    unanswered: (/** @type {string[]} */ names) =>
      `${new Intl.ListFormat("en").format(names.slice(0, 3))}${names.length > 3 ? " and others" : ""} ${names.length > 1 ? "have" : "has"} not answered the request to it: wait until they accept.`,
    ended: "The other members’ accounts have ended. Add a person who can own the room.",
    orClose: "Or close the room for everybody.",
  },
  cannotOwn: {
    not_answered: (/** @type {string} */ name) =>
      `${name} has not answered the request to this room, so nothing was changed. Wait until ${name} accepts it, or choose somebody else.`,
    account_ended: (/** @type {string} */ name) =>
      `The account of ${name} was deleted or is disabled, so nothing was changed. Choose somebody else.`,
  },
  addMember: {
    label: "Add somebody by user name",
    add: "Add",
    hint: "They are asked first. If they are banned, this lifts the ban.",
    done: (/** @type {string} */ name) => `${name} was added.`,
  },
  closeRoom: "Close this room",
  closeTitle: "Close this room for everybody?",
  closeAsk: [
    "Nobody can write or read here any more, and the server deletes the messages. Exported copies remain.",
    "This cannot be undone.",
  ],
  closeCheck: "Delete the conversation for everybody",
  member: {
    here: (/** @type {number} */ n, /** @type {number} */ all) => `${n} of ${all} here now`,
    find: "Find a member",
    nobody: "No member has that name.",
    actions: (/** @type {string} */ name) => `Actions for ${name}`,
    verified: "verified",
    verifiedText: "You have compared numbers.",
    changed: "new key",
    changedText: "Compare numbers before you trust it.",
    namesake: "same name as another",
    namesakeText: "This is a different person from the one who first had this name here.",
    blocked: "blocked",
    ended: { deleted: "account deleted", disabled: "account disabled" },
    endedText: {
      deleted: "The server reports this. Nobody can sign in to this account.",
      disabled: "The server reports this. Nobody can sign in to this account at present.",
    },
    unanswered: "has not accepted yet",
    unansweredText: "Only you see this. They can be handed the room once they have accepted it.",
    endedOffer:
      "The server reports that these accounts were deleted. Remove them, so that they do not get the room’s next keys.",
    removeName: (/** @type {string} */ name) => `Remove ${name}`,
    successor: "successor",
    successorText: "Can become the owner if the owner’s account ends.",
    asking: "Waiting to be let in",
    knockJoin: (/** @type {string} */ name) => `${name} asks to join.`,
    knockReset: (/** @type {string} */ name) => `${name} has a new key and asks to rejoin with it.`,
    compareFirst: "Ask them outside this chat whether it is really them.",
    accept: "Accept",
    refuse: "Refuse",
    acceptName: (/** @type {string} */ name) => `Accept ${name}`,
    refuseName: (/** @type {string} */ name) => `Refuse ${name}`,
    resetTitle: (/** @type {string} */ name) => `Let ${name} in with the new key?`,
    resetText: (/** @type {string} */ name) => [
      `${name} will be able to read here again. If somebody else has ${name}’s password, they will be able to read instead.`,
      "Ask them first, in person or by phone.",
    ],
    resetYes: "I have asked. Let them in",
    names: {
      verify: "Compare numbers",
      message: "Message directly",
      moderator: "Make a moderator",
      member: "Make an ordinary member",
      owner: "Hand over ownership",
      successor: "Name as successor",
      unsuccessor: "Name no successor",
      block: "Block",
      unblock: "Unblock",
      remove: "Remove",
      ban: "Remove and ban",
    },
    ask: {
      owner: (/** @type {string} */ name) => ({
        title: `Hand this room over to ${name}?`,
        text: `${name} becomes the owner and you a moderator. Only ${name} can give it back.`,
        confirm: "Hand over",
      }),
      successor: (/** @type {string} */ name) => ({
        title: `Name ${name} as your successor?`,
        text: [
          `If your account ends, ${name} can become the owner of this room. Everybody here sees whom you named, and you can change it.`,
          `Only the server knows whether your account has ended. Its operator could let ${name} take over sooner, so name somebody you trust.`,
        ],
        confirm: "Name as successor",
      }),
      member: (/** @type {string} */ name) => ({
        title: `Make ${name} an ordinary member?`,
        text: `${name} will no longer be able to invite, let people in, remove members or delete messages of others. Links that ${name} made end, and the room’s key is renewed.`,
        confirm: "Make an ordinary member",
      }),
      moderator: (/** @type {string} */ name) => ({
        title: `Make ${name} a moderator?`,
        text: `${name} will be able to invite, let people in, remove members and delete messages.`,
        confirm: "Make a moderator",
      }),
      remove: (/** @type {string} */ name) => ({
        title: `Remove ${name}?`,
        text: `${name} can no longer read new messages, and open links end. Messages that ${name} has read cannot be taken back.`,
        confirm: "Remove",
      }),
      ban: (/** @type {string} */ name) => ({
        title: `Remove and ban ${name}?`,
        text: `${name} can no longer read new messages and cannot rejoin by a link. Open links end.`,
        confirm: "Remove and ban",
      }),
      block: (/** @type {string} */ name) => ({
        title: `Block ${name}?`,
        text: `You will not see ${name}’s messages, and ${name} cannot send you requests. ${name} is not notified.`,
        confirm: "Block",
      }),
    },
  },
  safety: {
    title: (/** @type {string} */ name) => `Compare with ${name}`,
    intro: (/** @type {string} */ name) =>
      `This number belongs to the two of you. ${name} sees the same number unless somebody intercepts your messages.`,
    number: "Your number",
    how: "Compare in person or by phone, not in this chat: an attacker could change what you read here.",
    qr: "The number as a picture for a camera",
    read: (/** @type {string} */ name) => `What ${name} reads out`,
    readHint: "Type or paste it. Spaces do not matter.",
    soFar: (/** @type {number} */ n) => `${n} of 60 digits, all the same so far.`,
    same: "All 60 digits are the same.",
    differs: (/** @type {number} */ group) =>
      `Group ${group} is different. If you heard it correctly, do not trust this key.`,
    tooLong: "That is longer than 60 digits.",
    verify: "The numbers are the same",
    verified: (/** @type {string} */ name) => `You have verified ${name}.`,
    unverify: "Undo verification",
    changed: (/** @type {string} */ name) =>
      `${name} has a new key. This happens when keys are lost, or when somebody impersonates ${name}. Compare numbers before you trust it.`,
    older: (/** @type {string} */ name) =>
      `This is an older key of ${name}, who has a newer one. Somebody who stole the older key could impersonate ${name} here. Add ${name} with the newer key instead.`,
    approve: "Trust it without comparing",
    approveTitle: (/** @type {string} */ name) => `Trust ${name}’s new key without comparing?`,
    approveText: (/** @type {string} */ name) =>
      `Anyone who has this key can read your messages from now on. If that is not ${name}, you will not notice.`,
    approveYes: "Trust it",
  },
  doubt: {
    older: (/** @type {string} */ name) =>
      `${name} is here with an older key, but has a newer one. Nothing is sent until this is resolved.`,
    renamed: (/** @type {string} */ name) =>
      `Somebody you know by another name is called ${name} here. Nothing is sent. Tell the server’s operator.`,
    namesake: (/** @type {string} */ name) =>
      `There are two accounts called ${name}: the one you know, and one that was seen later. Nothing is sent to either. Ask ${name} outside this chat whether they made a new account.`,
    namesakeTitle: (/** @type {string} */ name) => `Is this another ${name}?`,
    namesakeText: (/** @type {string} */ name) => [
      `The account that you know as ${name} and this one are different. Only one of them can be the person you mean.`,
      "If you continue, they count as two people, and you can write to either.",
    ],
    accept: (/** @type {string} */ name) => `It is another person called ${name}`,
    refuse: "Never write to the later one",
    newerTitle: (/** @type {string} */ name) => `Trust ${name}’s new key?`,
    newerNumber: (/** @type {string} */ digits) => `Your number with ${digits}`,
  },
};
