"""Colour: conversion of any colour space to 8-bit sRGB."""
