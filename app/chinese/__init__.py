"""Simplified and Traditional Chinese: conversion, and folding for search."""
