-- Markdown → HTML: inline figures with their values, explorers, numbered equations, tables that
-- scroll by themselves or become cards, and claims with their verdicts. FILES, given as metadata, is a folder: figures made ready for inlining as NAME.svg,
-- their marks and the explorers' data as NAME.json.

local common = dofile(pandoc.path.join { pandoc.path.directory(PANDOC_SCRIPT_FILE), 'common.lua' })
local folder
local LONG = 16 -- rows; longer tables are folded

local function read(name)
  local file = io.open(folder .. '/' .. name, 'r')
  if not file then return nil end
  local text = file:read 'a'
  file:close()
  return text
end

local function data(name)
  local text = read(name .. '.json')
  return text and pandoc.RawBlock('html', '<script type="application/json">' .. text .. '</script>')
end

local function scrolling(class, label, content)
  local attributes = { { 'tabindex', '0' }, { 'role', 'group' }, { 'aria-label', label } }
  return pandoc.Div(content, pandoc.Attr('', { class }, attributes))
end

-- A drawing alone, whose words stand beside it.
local function picture(div)
  local name = div.identifier:gsub('^fig%-', '')
  return {
    pandoc.RawBlock('html', '<figure class="picture" id="' .. div.identifier .. '">'),
    pandoc.RawBlock('html', assert(read(name .. '.svg'))),
    pandoc.RawBlock('html', '</figure>'),
  }
end

-- A drawing below its title.
local function figure(div)
  local name = div.identifier:gsub('^fig%-', '')
  local label, title, caption = common.figure(div)
  local heading = pandoc.Div(
    pandoc.Plain { pandoc.Span(label, pandoc.Attr('', { 'label' })), pandoc.Space(), pandoc.Span(title or {}) },
    pandoc.Attr(div.identifier .. '-title', { 'figure-title' })
  )
  return {
    pandoc.RawBlock('html', '<figure id="' .. div.identifier .. '" aria-labelledby="' .. div.identifier .. '-title">'),
    heading,
    scrolling('plot', div.attributes.label .. ', drawing', { pandoc.RawBlock('html', assert(read(name .. '.svg'))) }),
    data(name),
    pandoc.RawBlock('html', '<figcaption>'),
    pandoc.Div(caption),
    pandoc.RawBlock('html', '</figcaption></figure>'),
  }
end

-- Hidden until the script has built it; left out where the study lacks its data.
local function explorer(div)
  local stored = data(div.identifier)
  if not stored then return {} end
  local attributes = { { 'role', 'group' }, { 'aria-label', div.attributes.label }, { 'hidden', '' } }
  div.content:insert(stored)
  return pandoc.Div(div.content, pandoc.Attr(div.identifier, { 'explorer' }, attributes))
end

local function equation(div)
  local number = pandoc.Span('(' .. div.attributes.number .. ')', pandoc.Attr('', { 'number' }))
  div.content:insert(pandoc.Plain { number })
  local attributes =
    { { 'tabindex', '0' }, { 'role', 'group' }, { 'aria-label', 'Equation ' .. div.attributes.number } }
  return pandoc.Div(div.content, pandoc.Attr(div.identifier, { 'equation' }, attributes))
end

local function marked(verdict) return pandoc.Span(verdict, pandoc.Attr('', { 'verdict', verdict })) end

local function folded(div)
  local blocks = pandoc.Blocks { pandoc.RawBlock('html', '<details class="measured"><summary>How it was measured</summary>') }
  blocks:extend(div.content)
  blocks:insert(pandoc.RawBlock('html', '</details>'))
  return blocks
end

-- A claim in full is folded under its headline; a link to it opens it.
local function record(div)
  local headline = pandoc.Inlines(div.content:remove(1).content):walk { Link = function(link) return link.content end }
  return {
    pandoc.RawBlock('html', '<details class="claim"><summary>'),
    pandoc.Plain(headline),
    pandoc.RawBlock('html', '</summary>'),
    pandoc.Div(div.content, pandoc.Attr(div.identifier)),
    pandoc.RawBlock('html', '</details>'),
  }
end

-- Claims that follow one another are laid out together; each is marked by its verdict.
local function cards(group)
  for _, card in ipairs(group) do
    local name = card.identifier:gsub('^claim%-', '')
    local attributes = { { 'aria-label', 'Link to claim ' .. name } }
    local link = pandoc.Link('#', '#' .. card.identifier, '', pandoc.Attr('', { 'self' }, attributes))
    card.classes:insert(card.attributes.verdict)
    card.content:insert(1, pandoc.Plain { link })
  end
  return { pandoc.Div(group, pandoc.Attr('', { 'cards' })) }
end

-- On a phone each row of a table is a card: its cells say what their columns are.
local function labelled(table)
  local heads = table.head.rows[1] and table.head.rows[1].cells or {}
  for _, body in ipairs(table.bodies) do
    for _, row in ipairs(body.body) do
      for i, cell in ipairs(row.cells) do
        if heads[i] then cell.attr.attributes['label'] = pandoc.utils.stringify(heads[i].contents) end
      end
    end
  end
  return table
end

return {
  {
    Meta = function(meta) folder = pandoc.utils.stringify(meta.files) end,
    Div = common.read_glossary,
    Blocks = function(blocks)
      common.answered(blocks)
      return common.grouped(blocks, 'card', cards)
    end,
  },
  {
    Div = function(div)
      if div.classes:includes 'figure' then return figure(div) end
      if div.classes:includes 'picture' then return picture(div) end
      if div.classes:includes 'explorer' then return explorer(div) end
      if div.classes:includes 'equation' then return equation(div) end
      if div.classes:includes 'print' then return {} end
      if div.classes:includes 'measured' then return folded(div) end
      if div.classes:includes 'claim' then return record(div) end
      if div.classes:includes 'answer' then
        div.content = common.bold(div.content)
        return div
      end
    end,
    Span = function(span)
      local words = pandoc.utils.stringify(span)
      if span.classes:includes 'verdict' and common.verdicts[words] then return marked(words) end
      if span.classes:includes 'term' then return common.term(span) end
    end,
    Table = function(table)
      local label = pandoc.utils.stringify(table.caption.long):match('^%a+ %d+') or 'Table'
      local scrolled = scrolling('wide', label, { labelled(table) })
      local rows = #table.bodies[1].body
      if rows <= LONG then return scrolled end
      return {
        pandoc.RawBlock('html', '<details class="long"><summary>' .. label .. ', ' .. rows .. ' rows</summary>'),
        scrolled,
        pandoc.RawBlock('html', '</details>'),
      }
    end,
  },
}
