-- Markdown → HTML: inline figures, numbered equations and wide tables that scroll by themselves.
-- FIGURES, a folder of SVG files made ready for inlining, is given as metadata.

local folder

local function read(name)
  local file = assert(io.open(folder .. '/' .. name .. '.svg', 'r'))
  local text = file:read('a')
  file:close()
  return text
end

local function scrolling(class, label, content)
  local attributes = { { 'tabindex', '0' }, { 'role', 'group' }, { 'aria-label', label } }
  return pandoc.Div(content, pandoc.Attr('', { class }, attributes))
end

local function figure(div)
  local name = div.identifier:gsub('^fig%-', '')
  return {
    pandoc.RawBlock('html', '<figure id="' .. div.identifier .. '">'),
    scrolling('plot', div.attributes.label .. ', drawing', { pandoc.RawBlock('html', read(name)) }),
    pandoc.RawBlock('html', '<figcaption>'),
    pandoc.Div(div.content),
    pandoc.RawBlock('html', '</figcaption></figure>'),
  }
end

local function equation(div)
  local number = pandoc.Span('(' .. div.attributes.number .. ')', pandoc.Attr('', { 'number' }))
  div.content:insert(pandoc.Plain { number })
  local attributes =
    { { 'tabindex', '0' }, { 'role', 'group' }, { 'aria-label', 'Equation ' .. div.attributes.number } }
  return pandoc.Div(div.content, pandoc.Attr(div.identifier, { 'equation' }, attributes))
end

return {
  { Meta = function(meta) folder = pandoc.utils.stringify(meta.figures) end },
  {
    Div = function(div)
      if div.classes:includes 'figure' then return figure(div) end
      if div.classes:includes 'equation' then return equation(div) end
    end,
    Table = function(table)
      local label = pandoc.utils.stringify(table.caption.long):match('^%a+ %d+') or 'Table'
      return scrolling('wide', label, { table })
    end,
  },
}
