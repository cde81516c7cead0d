# SPDX-License-Identifier: Apache-2.0
"""How questions are worded, and the fixed answers to messages without a picture."""

from __future__ import annotations

from drawing.basics import NONE

KIND_Q = (
    "What kind of picture is this?|What kind of image is this?|What type of picture is this?|"
    "What type of image is this?|Classify this image.|Classify this picture.|Classify the image.|"
    "Classify.|Which category fits this picture?|Which label fits this image?|"
    "Name the category of this image.|Which of the labels describes the image best?|"
    "Which category does this image belong to?|Sort this picture into a category.|"
    "Decide what kind of picture this is.|Label this image.|Identify the image class.|"
    "What sort of picture is it?|Determine the type of this image.|Categorize this image.|"
    "You are given an image. Which category does it belong to?|"
    "Please look at the attached image and decide which label fits it.|Pick a label for this picture."
).split("|")
# Wordings that only make sense with a list of options after them.
LIST_Q = (
    "Which one of these labels fits the picture best: {}?|Which of these labels fits best: {}?|"
    "Which one of these is it: {}?|Is this {}?|Choose the label that fits the picture best: {}.|"
    "Which of the following fits the picture: {}?|Pick the best label: {}|Classify: {}|"
    "Classify this picture as one of: {}.|Classify the image into one of these categories: {}.|"
    "Sort this scan into one of [{}]|Identify the image class ({})|Labels: {}. Which one fits?|"
    "Categories: {}. Which category does it belong to?|Which label describes this image: {}?|"
    "Choose one label for this image from this list: {}.|Select one of: {}."
).split("|")
LIST_TAIL = (
    " Options: {}.| Choose one of: {}.| Labels: {}.| Answer with one of: {}.| Possible labels: {}|"
    "\nLabels: {}| Categories: {}.| Pick exactly one of these labels: {}.| ({})|"
    " The labels are: {}.| Allowed answers: {}.|\nOptions:\n{}"
).split("|")
SHORT = (
    "||||| Answer with one word.| Answer in one word.| Reply with the label only.| Be brief.|"
    " Answer briefly.| Reply with only the label.| One word only.| Return exactly one label."
).split("|")
AS_JSON = (
    " Answer as JSON.| Reply in JSON.| Respond with JSON only.| Return JSON.| Answer in JSON.|"
    " Give the answer as JSON.| Output JSON.| Use JSON."
).split("|")
AS_JSON_KEY = (
    " Answer in JSON with the key {}.|"
    ' Respond as a JSON object with the field "{}".| Return JSON with the key "{}".'
).split("|")
AS_JSON_KEYS = (
    " Answer as JSON with the fields {}.| Return a JSON object with {}.| JSON keys: {}."
).split("|")
EXTRA = (
    "animal vehicle food map logo person building plant diagram poster drawing icon menu ticket "
    "passport toy tool book flag sign furniture clothing cat dog car tree"
).split()
NONE_NAMES = [NONE, NONE, "other", "none", "something else", "unknown"]
SHAPE_Q = (
    "Which shape is this?|What shape is this?|Which shape is in the picture?|What shape is shown?|"
    "Name the shape.|What shape do you see?|Which geometric shape is in the image?|What shape is it?"
).split("|")
COLOUR_Q = (
    "Which colour is it?|What colour is it?|What color is it?|Which colour is the shape?|"
    "What color is the shape?|What colour is the {s}?|What color is the {s}?|"
    "Which color does the {s} have?|Name the colour of the {s}.|What is the colour of the shape?"
).split("|")
GROUND_Q = (
    "What colour is the background?|What color is the background?|Which colour is the background?|"
    "Name the background colour."
).split("|")
COUNT_Q = (
    "How many shapes are there?|How many shapes are in the picture?|Count the shapes.|"
    "How many shapes do you see?|How many objects are in the image?|Count the objects.|"
    "How many figures are there?|What is the number of shapes?"
).split("|")
COUNT_OF_Q = "How many {p} are there?|How many {p} do you see?|Count the {p}.".split("|")
DESCRIBE_Q = (
    "What is in this picture?|What is in this picture?|What is in this image?|What is this?|"
    "What do you see?|What can you see?|What does the picture show?|What is in the picture?|"
    "Describe the picture.|Describe this image.|Describe the image.|Describe what you see.|"
    "Give a short description.|Describe this picture in one sentence.|Tell me about this picture.|"
    "Write a caption for this image.|Describe the image briefly.|What's in this picture?"
).split("|")
DOCUMENT_Q = (
    "What kind of document is this?|What type of document is this?|"
    "Which type of document is shown?|Classify this document.|Which document type is it?"
).split("|")
CHART_Q = (
    "What kind of chart is this?|What type of chart is this?|Which type of chart is shown?|"
    "Classify this chart.|Which chart type is it?"
).split("|")
SCENE_Q = (
    "What does the photo show?|What is in the photo?|Which scene is this?|What kind of photo is it?"
).split("|")
SCREEN_Q = "What kind of screenshot is this?|What does the screenshot show?".split("|")
READ_Q = (
    "What does the text say?|What does the text say?|Read the text.|What is written here?|"
    "Read the text aloud.|What text is in the picture?|What does it say?|Transcribe the text.|"
    "Which text do you see?|What is the text in this image?|Read this.|Write down the text."
).split("|")
FIELD_Q = (
    "What is the {k}?|Read the {k}.|Which {k} is shown?|Tell me the {k}.|Find the {k}.|{K}?"
).split("|")
DIRECTION_Q = (
    "Which way does the arrow point?|Where does the arrow point?|Which direction does it point?|"
    "In which direction does the arrow point?|What is the direction of the arrow?|"
    "Does the arrow point up, down, left or right?"
).split("|")
SIDE_Q = (
    "What is on the {s}?|Which shape is on the {s}?|What do you see on the {s}?|"
    "What is at the {s} of the picture?"
).split("|")
TURN_Q = (
    "Is the picture upright?|Which way up is the picture?|Is this picture turned?|"
    "How is the picture turned?|What is the orientation of the picture?"
).split("|")
SYSTEMS = (
    "You are a helpful assistant.|You classify images.|Answer with one of the labels.|"
    "You are an image classifier. Reply with the label only.|You describe pictures.|Be brief.|"
    "You answer questions about pictures.|You are a careful assistant that looks at images.|"
    "You are a classifier. Return exactly one label.|Answer truthfully and briefly."
).split("|")
CONFIDENCE_KEYS = ["confidence", "confidence", "score", "probability", "certainty"]

NO_PICTURE = "I see no picture."
SMALL_TALK = {
    "Hello! Send me a picture and ask about it.": (
        "Hello|Hi|Hello!|Hi there|Good morning|Good evening|Hey|Hi!|Good day"
    ),
    "I am tessera-mini, a small model that looks at pictures.": (
        "Who are you?|What are you?|What is your name?|Which model are you?|Introduce yourself.|"
        "Are you a robot?|Tell me about yourself."
    ),
    "You are welcome.": "Thank you|Thanks|Thank you!|Thanks a lot|Great, thanks!|Thank you very much.",
    "I say what is in a picture: kind, shape, colour, number and short text.": (
        "What can you do?|Help|How can you help me?|What do you know?|What are you good at?"
    ),
    "Goodbye!": "Goodbye|Bye|See you|Bye!|Good night",
    "I am well. Send me a picture.": "How are you?|How do you do?|Are you well?|How is it going?",
}
UNKNOWN = "I can only answer questions about pictures."
UNKNOWN_Q = (
    "What is the capital of France?|Write a poem.|Tell me a joke.|What is two plus two?|"
    "Who wrote Hamlet?|Translate this into German.|What time is it?|How old is the universe?|"
    "Write a function that sorts a list.|What is the weather today?|Summarise the news.|"
    "Who is the president?|Explain gravity.|Give me a recipe for bread.|What is 17 times 3?|"
    "Why is the sky blue?|Tell me a story.|Say something.|Write an email to my boss.|Count to ten."
).split("|")
HOW_MANY_Q = ["How many pictures are there?", "How many pictures do you see?"]
ORDINALS = ["first", "second", "third"]
NUMBERS = "zero one two three four five six".split()
