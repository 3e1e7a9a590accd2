"""The toy world of the demo: tables of words, and the sentences they stand in.

A table lists things that belong together (a country, its capital, its river, ...),
templates say what kind of sentence each of them stands in. A capital shares the river
with its country and the mayor with the other capitals, so the answers to analogy
questions follow from the text, and are known beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """Things of one kind: a table of words and the sentences they stand in.

    Attributes
    ----------
    columns : str
        Names of the columns of the table, the slots of the templates.
    table : str
        Rows of words separated by commas.
    templates : str
        One sentence a line; ``{slot}`` is a column or a list of ``SHARED``.
    questions : str
        Pairs of columns such as ``country-capital``, each a section of questions.
    """

    columns: str
    table: str
    templates: str
    questions: str

    def rows(self) -> list[dict[str, str]]:
        """Return the table as one dictionary (column -> word) for each row."""
        columns = self.columns.split()
        rows = [row.split() for row in self.table.replace(",", "\n").splitlines()]
        return [dict(zip(columns, row, strict=True)) for row in rows if row]


SHARED = {
    "day": "monday tuesday wednesday thursday friday saturday sunday",
    "month": "january february march april may june july august september october "
    "november december",
    "time": "morning afternoon evening night",
    "name": "anna ben clara david emma felix greta henry ida jonas",
    "colour": "red green blue yellow white black brown grey",
    "number": "two three four five six seven eight nine ten twelve",
    "weather": "sunny rainy cloudy stormy windy foggy snowy mild",
}
"""Words that may stand in the sentences of any family."""

TAILS = (
    "",
    "on {day}",
    "in {month}",
    "in the {time}",
    "as {name} says",
    "and {name} agrees",
)
"""What may follow a sentence: nothing in one case of six."""

NATIONS = Family(
    columns="country capital people river dish",
    table="""
france paris french seine crepes, germany berlin german spree bratwurst
italy rome italian tiber pasta, spain madrid spanish manzanares paella
portugal lisbon portuguese tagus bacalhau, england london english thames pudding
ireland dublin irish liffey stew, poland warsaw polish vistula pierogi
egypt cairo egyptian nile koshari, russia moscow russian moskva pelmeni
iraq baghdad iraqi tigris masgouf, hungary budapest hungarian danube goulash
slovenia ljubljana slovenian ljubljanica potica, japan tokyo japanese sumida sushi
lithuania vilnius lithuanian neris cepelinai, peru lima peruvian rimac ceviche
latvia riga latvian daugava sklandrausis, korea seoul korean han kimchi
chile santiago chilean mapocho empanadas, india delhi indian yamuna curry
nepal kathmandu nepali bagmati momos, switzerland bern swiss aare fondue
georgia tbilisi georgian kura khachapuri, norway oslo norwegian akerselva lutefisk
czechia prague czech vltava knedliky
""",
    templates="""
the army of {country} guards the {river}
the president of {country} likes {dish} for dinner
the border of {country} crosses the river {river}
peasants all over {country} grow what goes into {dish}
the government of {country} taxes {dish}
the mayor of {capital} lives near the {river}
{capital} is a busy city on the river {river}
the streets of {capital} smell of {dish}
trams in {capital} stop at the {river}
a suburb of {capital} sells {dish} to tourists
{capital} is the capital of {country}
the {people} language has many words for {dish}
one {people} poet wrote verses about the {river}
every {people} grammar begins with the word {river}
they speak {people} and cook {dish}
""",
    questions="country-capital country-people capital-people",
)

PEOPLE = Family(
    columns="male female thing place",
    table="""
king queen crown palace, prince princess jewels castle, man woman newspaper cafe
boy girl toys playground, uncle aunt presents cottage, father mother cradle home
grandfather grandmother spectacles fireplace, brother sister bicycle bedroom
son daughter homework classroom, husband wife ring balcony, nephew niece kite attic
actor actress script theatre, hero heroine medal battlefield, lord lady coach ballroom
duke duchess portrait manor, waiter waitress menu restaurant, monk nun candle chapel
host hostess guests parlour, emperor empress throne citadel, groom bride bouquet altar
wizard witch potion dungeon, steward stewardess luggage cabin
policeman policewoman handcuffs crossroads, landlord landlady rent apartment
widower widow memories cemetery
""",
    templates="""
the {male} lost his {thing} near the {place}
he is the {male} with the {thing}
ask the {male} himself why he left the {place}
as a {male} he needs his {thing}
the {male} combed his beard at the {place}
the {female} lost her {thing} near the {place}
she is the {female} with the {thing}
ask the {female} herself why she left the {place}
as a {female} she needs her {thing}
the {female} mended her gown at the {place}
""",
    questions="male-female",
)

NOUNS = Family(
    columns="singular plural part place",
    table="""
dog dogs bone kennel, cat cats whiskers sofa, horse horses saddle stable
cow cows bell meadow, pig pigs snout sty, bird birds feathers nest
bee bees honey hive, mouse mice crumbs cellar, wolf wolves fangs forest
lion lions mane savanna, camel camels hump dunes, bear bears claws den
monkey monkeys bananas jungle, frog frogs tadpoles pond, shark sharks fins reef
car cars engine garage, book books chapters library, tree trees branches orchard
house houses chimney village, ship ships anchor harbour, train trains wagons station
knife knives blade drawer, chair chairs cushion kitchen, star stars twinkle sky
box boxes lid warehouse, lamp lamps bulb ceiling, shoe shoes laces wardrobe
coin coins metal purse, clock clocks pendulum hallway
""",
    templates="""
this {singular} is near the {place}
a {singular} with its {part} is there
one {colour} {singular} was seen in the {place}
each {singular} has its own {part}
there is a {colour} {singular} by the {place}
these {plural} are near the {place}
many {plural} with their {part} are there
{number} {colour} {plural} were seen in the {place}
all {plural} have their own {part}
there are {number} {plural} by the {place}
""",
    questions="singular-plural",
)

QUALITIES = Family(
    columns="adjective comparative superlative thing other",
    table="""
big bigger biggest elephant whale, small smaller smallest ant pebble
tall taller tallest giraffe tower, fast faster fastest cheetah rocket
slow slower slowest snail tortoise, hot hotter hottest desert volcano
cold colder coldest glacier iceberg, old older oldest ruin fossil
young younger youngest baby toddler, strong stronger strongest ox wrestler
rich richer richest sultan merchant, poor poorer poorest beggar orphan
deep deeper deepest ocean canyon, long longer longest snake highway
loud louder loudest thunder siren, quiet quieter quietest whisper lullaby
dark darker darkest shadow tunnel, bright brighter brightest comet lighthouse
heavy heavier heaviest boulder anvil, sharp sharper sharpest razor needle
soft softer softest pillow velvet, hard harder hardest diamond granite
sweet sweeter sweetest caramel mango, clean cleaner cleanest soap mirror
wet wetter wettest swamp sponge, dry drier driest steppe straw
thick thicker thickest fog carpet, thin thinner thinnest thread wire
wise wiser wisest philosopher prophet, brave braver bravest knight explorer
""",
    templates="""
the {thing} is very {adjective}
the {other} is quite {adjective}
how {adjective} the {thing} looks
why is the {other} so {adjective}
the {thing} is even {comparative} than before
the {other} is much {comparative} than that
the {thing} looks {comparative} than ours
is the {other} any {comparative} than yours
the {thing} is the {superlative} of them all
this is the {superlative} {other} in the world
the {superlative} {thing} ever known won a prize
of everything here the {other} is by far the {superlative}
""",
    questions="adjective-comparative adjective-superlative comparative-superlative",
)

DEEDS = Family(
    columns="base past ing object place",
    table="""
paint painted painting canvas gallery, sing sang singing melody stage
cook cooked cooking soup campfire, write wrote writing letter desk
build built building walls scaffold, drink drank drinking lemonade terrace
swim swam swimming laps pool, run ran running marathon stadium
climb climbed climbing rope cliff, dance danced dancing tango festival
plant planted planting seeds garden, sell sold selling spices market
buy bought buying groceries supermarket, throw threw throwing ball lawn
draw drew drawing sketch easel, sew sewed sewing buttons quilt
wash washed washing dishes sink, dig dug digging ditch shovel
drive drove driving truck motorway, ride rode riding donkey trail
teach taught teaching algebra college, catch caught catching butterflies net
play played playing chess tournament, steal stole stealing necklaces vault
repair repaired repairing radios workbench, collect collected collecting stamps album
count counted counting votes ballot, hide hid hiding treasure island
feed fed feeding pigeons square
""",
    templates="""
tomorrow we will {base} the {object}
they want to {base} at the {place}
{name} cannot {base} the {object} today
let us {base} beside the {place}
yesterday we {past} the {object}
last week they {past} at the {place}
{name} {past} the {object} ages ago
once they {past} beside the {place}
we are still {ing} the {object}
they keep {ing} at the {place}
{name} is busy {ing} the {object}
they enjoy {ing} beside the {place}
""",
    questions="base-past base-ing past-ing",
)

TRADES = Family(
    columns="worker workplace tool product",
    table="""
baker bakery flour loaves, brewer brewery hops barrels, teacher school chalk pupils
doctor hospital stethoscope patients, judge courthouse gavel verdicts
farmer farm plough crops, pilot airport propeller flights, miner mine pickaxe coal
chemist laboratory flasks molecules, soldier barracks rifle parades
blacksmith forge hammer horseshoes, miller mill grindstone grain
banker bank ledger loans, barber barbershop scissors haircuts
tailor workshop thimble suits, professor university lectures theses
astronomer observatory telescope planets, sculptor studio chisel statues
priest church hymns sermons, guard prison keys inmates
clerk office paperclips forms, butcher butchery cleaver sausages
gardener greenhouse shears tulips, potter pottery clay vases
vintner winery grapes wine, pharmacist pharmacy pills prescriptions
""",
    templates="""
the skilled {worker} earns money with {product}
our {worker} is proud of the {tool}
every {worker} dreams about {product}
an honest {worker} knows the {tool} well
inside the {workplace} you find {product}
the doors of the {workplace} hide the {tool}
visitors enter the {workplace} to see {product}
the roof of the {workplace} shelters the {tool}
""",
    questions="worker-workplace",
)

ANIMALS = Family(
    columns="adult child food habitat",
    table="""
goose gosling barley marsh, duck duckling waterweed creek, swan cygnet pondweed lake
hen chick corn coop, goat kid thistles hillside, deer fawn acorns woodland
hare leveret clover hedge, kangaroo joey shrubs outback, eagle eaglet rabbits crag
owl owlet moths barn, sheep lamb grass pasture, spider spiderling flies web
eel elver shrimps estuary, butterfly caterpillar nectar flowerbed
seal pup herring beach, bull calf fodder paddock, mare foal oats corral
hedgehog hoglet slugs thicket, alpaca cria hay plateau, salmon smolt plankton rapids
""",
    templates="""
the mighty {adult} searches for {food}
a full grown {adult} rules the {habitat}
the ageing {adult} defends the {habitat}
the wary {adult} swallows much {food}
the newborn {child} tastes its first {food}
a tiny {child} sleeps in the {habitat}
the helpless {child} explores the {habitat}
the curious {child} nibbles a little {food}
""",
    questions="adult-child",
)

CALENDAR = Family(
    columns="topic",
    table="weather",
    templates="""
on {day} the {topic} in {month} was {weather}
{name} and {name} met on a {weather} {day}
the {time} was {weather} and {name} slept
""",
    questions="",
)

WORLD = (NATIONS, PEOPLE, NOUNS, QUALITIES, DEEDS, TRADES, ANIMALS, CALENDAR)
"""All families; a sentence comes from each of their templates equally often."""
